import { describe, expect, it } from '@jest/globals';
import { anEntry } from '../../../test/contracts/audit-events.contract.js';
import { FixedClock } from '../../../test/support/fixed-clock.js';
import { InMemoryAuditEvents } from '../../../test/support/in-memory/audit.js';
import { readConfig } from '../../config/config.js';
import { AuditRetention } from './audit-retention.js';

const dayMs = 86_400_000;

async function aRetention(days: string) {
  const events = new InMemoryAuditEvents(new FixedClock());
  for (const ago of [10, 50, 51, 52, 400])
    await events.append(null, [{ entry: anEntry({ requestId: `${ago}` }), agoMs: ago * dayMs }]);
  const config = readConfig({ JWT_SECRET: 'k'.repeat(32), RETENTION_AUDIT_LOG_DAYS: days });
  const left = () => events.events.map(({ requestId }) => requestId);
  return { left, retention: new AuditRetention(events, config) };
}

describe('AuditRetention', () => {
  it('goes step by step until nothing old is left', async () => {
    const { left, retention } = await aRetention('40');
    expect(await retention.prune(null, 3)).toEqual({ deleted: 3, next: expect.any(String) });
    expect(await retention.prune('older', 3)).toEqual({ deleted: 1, next: null });
    expect(left()).toEqual(['10']);
  });

  it('keeps everything where 0 days are asked for', async () => {
    const { left, retention } = await aRetention('0');
    expect(await retention.prune(null, 3)).toEqual({ deleted: 0, next: null });
    expect(left()).toHaveLength(5);
  });

  it.each(['1', '29', '4000'])('is not started with %s days', async (days) => {
    await expect(aRetention(days)).rejects.toThrow('RETENTION_AUDIT_LOG_DAYS');
  });
});
