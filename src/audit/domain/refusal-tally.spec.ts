import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { nobody } from './audit-event.js';
import type { AuditEntry } from './audit-event.js';
import { RefusalTally, windowMs } from './refusal-tally.js';

const refusal = (address: string): AuditEntry => ({
  ...nobody,
  action: 'auth.login_refused',
  outcome: 'refused',
  reason: 'INVALID_CREDENTIALS',
  target: { kind: 'route', id: 'POST /auth/login' },
  before: null,
  after: null,
  address,
  requestId: null,
  count: 1,
});

const sumOf = (noted: { entry: AuditEntry }[]): number => noted.reduce((sum, { entry }) => sum + entry.count, 0);

describe('RefusalTally', () => {
  it('gives twenty equal refusals of a minute a row each, and one row that counts the others', () => {
    const tally = new RefusalTally(600);
    for (let at = 0; at < 1_000; at += 1) tally.take(refusal('203.0.113.7'), at);
    const first = tally.drain(1_000);
    expect(first.map(({ entry }) => entry.count)).toEqual(Array.from({ length: 20 }, () => 1));
    expect(tally.waitMs(1_000)).toBe(windowMs - 1_000);
    const rest = tally.drain(windowMs);
    expect(rest.map(({ entry }) => entry.count)).toEqual([980]);
    expect(tally.waitMs(windowMs)).toBeNull();
  });

  it('says in the log itself how many found no place', () => {
    const tally = new RefusalTally(10);
    for (let at = 0; at < 25; at += 1) tally.take(refusal(`address ${at}`), 0);
    expect(tally.drain(1)).toHaveLength(10);
    expect(tally.drain(windowMs).map(({ entry }) => [entry.action, entry.count])).toEqual([
      ['audit.entries_dropped', 15],
    ]);
  });

  it('tells each refusal apart by who, what, why and where', () => {
    const tally = new RefusalTally(600);
    const kinds = [
      refusal('a'),
      { ...refusal('a'), reason: 'RATE_LIMITED' },
      { ...refusal('a'), userId: 'u' },
      { ...refusal('a'), target: { kind: 'user', id: 'x' } },
      { ...refusal('a'), action: 'access.refused' },
    ];
    for (let times = 0; times < 30; times += 1) for (const kind of kinds) tally.take(kind, 0);
    expect(tally.drain(0, true).filter(({ entry }) => entry.count > 1)).toHaveLength(kinds.length);
  });

  it('loses nothing from the sum of the counts, and writes no more rows in a minute than it may', () => {
    const step = fc.record({ address: fc.integer({ min: 0, max: 40 }), passMs: fc.integer({ min: 0, max: 5_000 }) });
    const most = fc.integer({ min: 1, max: 30 });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), most, (steps, perMinute) => {
        const tally = new RefusalTally(perMinute);
        let now = 0;
        const written: { entry: AuditEntry; at: number }[] = [];
        const drain = (all: boolean): void => {
          written.push(...tally.drain(now, all).map(({ entry }) => ({ entry, at: now })));
        };
        for (const { address, passMs } of steps) {
          now += passMs;
          tally.take(refusal(`address ${address}`), now);
          drain(false);
        }
        drain(true);
        expect(sumOf(written)).toBe(steps.length);
        // Two windows may end inside one minute, each with its row of what was dropped.
        for (const { at } of written) {
          const inMinute = written.filter((other) => other.at >= at && other.at < at + windowMs);
          expect(inMinute.length).toBeLessThanOrEqual(2 * (perMinute + 1));
        }
      }),
    );
  });
});
