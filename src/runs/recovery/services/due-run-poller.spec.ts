import { expect, it } from '@jest/globals';
import { FixedClock } from '../../../../test/support/fixed-clock.js';
import { readConfig } from '../../../config/config.js';
import type { IJobScheduler } from '../../dispatch/interfaces/job-scheduler.js';
import type { IRunLeases, OwnedRun } from '../../execution/interfaces/run-leases.js';
import { DueRunPoller } from './due-run-poller.js';
import type { RunWorker } from '../../execution/services/run-worker.js';

/** A watch beside a worker with room for two. @param due what is due, in the order in which it is found */
function aWatch(due: OwnedRun[], satisfied: string[] = []) {
  const clock = new FixedClock();
  const looks: { overdueMs: number; without: string[] }[] = [];
  const offered: string[] = [];
  const redis = { answers: true };
  const worker = {
    isListening: true,
    room: 2,
    satisfied,
    offer: async (runs: OwnedRun[]) => void offered.push(...runs.map(({ runId }) => runId)),
  };
  const leases: Pick<IRunLeases, 'findDue'> = {
    findDue: async (limit, overdueMs = 0, without = []) => {
      looks.push({ overdueMs, without });
      return due.filter(({ userId }) => !without.includes(userId)).slice(0, limit);
    },
  };
  const scheduler: Pick<IJobScheduler, 'ping'> = {
    ping: () => (redis.answers ? Promise.resolve() : Promise.reject(new Error('silent'))),
  };
  const watch = new DueRunPoller(
    scheduler as IJobScheduler,
    leases as IRunLeases,
    clock,
    readConfig({ JWT_SECRET: 'k'.repeat(32), REDIS_SILENCE_MS: '1000' }),
    worker as unknown as RunWorker,
  );
  const look = async (laterMs = 0): Promise<void> => {
    clock.advance(laterMs);
    await watch.look();
  };
  return { look, looks, offered, redis };
}

const of = (userId: string, count: number): OwnedRun[] =>
  Array.from({ length: count }, (_, n) => ({ runId: `${userId}${n}`, userId }));

it('looks past those of whom it has found something, so that one owner does not hide another', async () => {
  const { look, looks, offered } = aWatch([...of('ann', 5), ...of('bob', 1)]);
  await look();
  expect(looks.map(({ without }) => without)).toEqual([[], ['ann']]);
  expect(offered).toEqual(['ann0', 'ann1', 'bob0']);
});

it('reads past owners that have their share at times, and in each round while Redis is silent', async () => {
  const { look, looks, redis } = aWatch(of('ann', 5), ['ann']);
  await look();
  await look(500);
  expect(looks).toEqual([{ overdueMs: 1_500, without: ['ann'] }]);
  await look(2_000);
  expect(looks).toHaveLength(2);
  redis.answers = false;
  await look(1_001);
  await look(500);
  expect(looks.slice(2)).toEqual(Array(2).fill({ overdueMs: 0, without: ['ann'] }));
});
