import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { anEntry } from '../../../test/contracts/audit-events.contract.js';
import { FixedClock } from '../../../test/support/fixed-clock.js';
import { InMemoryAuditEvents } from '../../../test/support/in-memory/audit.js';
import { readConfig } from '../../config/config.js';
import { AuditBuffer } from './audit-buffer.js';

/** A log that may be away. */
class Store extends InMemoryAuditEvents {
  isAway = false;
  writes = 0;

  override async append(...given: Parameters<InMemoryAuditEvents['append']>): Promise<void> {
    this.writes += 1;
    if (this.isAway) throw new Error('away');
    await super.append(...given);
  }
}

jest.spyOn(Logger.prototype, 'warn').mockReturnValue(undefined);
jest.spyOn(Logger.prototype, 'error').mockReturnValue(undefined);

let clock: FixedClock;
let store: Store;
let buffer: AuditBuffer;

beforeEach(() => {
  clock = new FixedClock();
  store = new Store(clock);
  buffer = new AuditBuffer(
    store,
    clock,
    readConfig({ JWT_SECRET: 'k'.repeat(32), AUDIT_LOG_REFUSALS_PER_MINUTE: '50' }),
  );
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const refused = (address: string) => anEntry({ action: 'auth.login_refused', outcome: 'refused', address });
const sum = () => store.events.reduce((total, { count }) => total + count, 0);

describe('AuditBuffer', () => {
  it('writes refusals behind the answers, many in one write', async () => {
    for (let at = 0; at < 30; at += 1) buffer.refuse(refused(`address ${at}`));
    expect(store.writes).toBe(0);
    await jest.advanceTimersByTimeAsync(250);
    expect([store.writes, store.events.length]).toEqual([1, 30]);
  });

  it('keeps a flood within its rows, and counts the rest', async () => {
    for (let at = 0; at < 10_000; at += 1) buffer.refuse(refused(`address ${at % 1_000}`));
    await buffer.flush(true);
    expect(store.events).toHaveLength(51);
    expect(sum()).toBe(10_000);
    expect(store.events.at(-1)).toMatchObject({ action: 'audit.entries_dropped', count: 9_950 });
  });

  it('tells when each happened, however late it is written', async () => {
    buffer.refuse(refused('a'));
    const at = clock.now();
    clock.advance(5_000);
    await buffer.flush();
    expect(store.events[0]?.at).toEqual(at);
  });

  it('tries again while the store is away, and loses the oldest only when it must', async () => {
    store.isAway = true;
    for (let minute = 0; minute < 4; minute += 1) {
      for (let at = 0; at < 50; at += 1) buffer.refuse(refused(`${minute} ${at}`));
      await buffer.flush(true);
      clock.advance(60_000);
    }
    store.isAway = false;
    await jest.advanceTimersByTimeAsync(2_000);
    await buffer.flush(true);
    const kept = store.events.map(({ address }) => address?.split(' ')[0]);
    expect(kept.length).toBeLessThanOrEqual(2 * 50 + 1);
    expect([kept.includes('0'), kept.filter((minute) => minute === '3').length]).toEqual([false, 50]);
    expect(sum()).toBe(200);
  });

  it('writes a change that is done at once; when it cannot, later', async () => {
    await buffer.write(anEntry({ action: 'session.opened' }));
    expect(store.events).toHaveLength(1);
    store.isAway = true;
    await expect(buffer.write(anEntry({ action: 'session.ended' }))).resolves.toBeUndefined();
    store.isAway = false;
    await jest.advanceTimersByTimeAsync(2_000);
    expect(store.events.map(({ action }) => action)).toEqual(['session.opened', 'session.ended']);
  });
});
