import { describe, expect, it } from '@jest/globals';
import { nobody } from '../../src/audit/domain/audit-event.js';
import type { AuditEntry, AuditEvent } from '../../src/audit/domain/audit-event.js';
import type { IAuditEvents } from '../../src/audit/interfaces/audit-events.js';
import { newId } from '../../src/kernel/ids.js';

/** An empty log, and events of it as they were written. */
export interface AuditGround {
  events: IAuditEvents;
}

const dayMs = 86_400_000;

export const anEntry = (given: Partial<AuditEntry> = {}): AuditEntry => ({
  ...nobody,
  action: 'job.created',
  outcome: 'success',
  reason: null,
  target: { kind: 'job', id: newId() },
  before: null,
  after: 'a'.repeat(64),
  address: '203.0.113.7',
  requestId: 'r-1',
  count: 1,
  ...given,
});

const append = (events: IAuditEvents, entries: AuditEntry[], agoMs = 0) =>
  events.append(
    null,
    entries.map((entry) => ({ entry, agoMs })),
  );

export function auditEventsContract(name: string, open: () => Promise<AuditGround>): void {
  describe(`${name} as IAuditEvents`, () => {
    it('gives back what was written, with an id and the time at which it happened', async () => {
      const { events } = await open();
      const entry = anEntry({ userId: newId(), credential: 'api_key', credentialId: newId(), count: 3 });
      await append(events, [entry]);
      const [now] = await events.list({}, 10, null);
      expect(now).toEqual({ ...entry, id: expect.stringMatching(/^[0-9a-f-]{36}$/), at: expect.any(Date) });
      await append(events, [anEntry({ target: null, reason: 'RATE_LIMITED' })], 60_000);
      const [, earlier] = await events.list({}, 10, null);
      expect(earlier).toMatchObject({ target: null, reason: 'RATE_LIMITED' });
      expect((now?.at.getTime() ?? 0) - (earlier?.at.getTime() ?? 0)).toBeGreaterThan(50_000);
    });

    it('is walked from the latest without a gap or a double, also where many share a time', async () => {
      const { events } = await open();
      for (const agoMs of [3_000, 2_000, 1_000])
        await append(
          events,
          Array.from({ length: 7 }, () => anEntry()),
          agoMs,
        );
      const all = await events.list({}, 100, null);
      const walked: AuditEvent[] = [];
      for (;;) {
        const stretch = await events.list({}, 4, walked.at(-1) ?? null);
        if (stretch.length === 0) break;
        walked.push(...stretch);
        // What is written meanwhile comes before the place, not after it.
        await append(events, [anEntry()]);
      }
      expect(walked).toEqual(all);
      expect(new Set(walked.map(({ id }) => id)).size).toBe(21);
      expect(walked.map(({ at }) => at.getTime())).toEqual(walked.map(({ at }) => at.getTime()).sort((a, b) => b - a));
    });

    it('shows what all filters fit', async () => {
      const { events } = await open();
      const [userId, id] = [newId(), newId()];
      const target = { kind: 'job', id };
      await append(events, [anEntry({ userId, target }), anEntry({ userId }), anEntry({ target }), anEntry()]);
      await append(events, [anEntry({ userId, target: { kind: 'run', id }, action: 'run.cancelled' })]);
      await append(events, [anEntry({ userId, target, outcome: 'refused' })], 10_000);
      const count = async (filter: object) => (await events.list(filter, 100, null)).length;
      const [latest] = await events.list({}, 1, null);
      const between = new Date((latest?.at.getTime() ?? 0) - 5_000);
      expect(await count({ userId })).toBe(4);
      expect(await count({ targetKind: 'job', targetId: id })).toBe(3);
      expect(await count({ userId, targetKind: 'job', targetId: id })).toBe(2);
      expect(await count({ targetKind: 'run' })).toBe(1);
      expect(await count({ action: 'run.cancelled', userId })).toBe(1);
      expect(await count({ outcome: 'refused' })).toBe(1);
      expect(await count({ from: between })).toBe(5);
      expect(await count({ to: between })).toBe(1);
      expect(await count({ userId: newId() })).toBe(0);
    });

    it('forgets what is older than asked, the oldest first, and no more at once than asked', async () => {
      const { events } = await open();
      for (const days of [41, 42, 43]) await append(events, [anEntry({ requestId: `${days}` })], days * dayMs);
      await append(events, [anEntry({ requestId: '39' })], 39 * dayMs);
      const left = async () => (await events.list({}, 10, null)).map(({ requestId }) => requestId);
      expect(await events.prune(40, 2)).toBe(2);
      expect(await left()).toEqual(['39', '41']);
      expect(await events.prune(40, 2)).toBe(1);
      expect(await events.prune(40, 2)).toBe(0);
      expect(await left()).toEqual(['39']);
    });

    it('keeps what is younger than 30 days, whatever is asked', async () => {
      const { events } = await open();
      await append(events, [anEntry()], 29 * dayMs);
      await expect(events.prune(1, 10)).rejects.toThrow('only grows');
      expect(await events.list({}, 10, null)).toHaveLength(1);
    });
  });
}
