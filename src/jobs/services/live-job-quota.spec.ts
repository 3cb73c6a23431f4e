import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inMemoryGround } from '../../../test/support/in-memory/ground.js';
import { InMemoryLiveJobPlaces } from '../../../test/support/in-memory/live-job-places.js';
import { aJob } from '../../../test/support/factories.js';
import type { DomainError } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import type { QuotasService } from '../../quotas/services/quotas.service.js';
import { LiveJobQuota } from './live-job-quota.js';

/** Several processes on one store, and one user with a quota that may change. */
function processes(count: number, limit: number) {
  const ground = inMemoryGround();
  const places = new InMemoryLiveJobPlaces(ground.database);
  const counts = { recounts: 0 };
  const counted = Object.assign(Object.create(places) as InMemoryLiveJobPlaces, {
    recount: (userId: string, atMost: number) => {
      counts.recounts += 1;
      return places.recount(userId, atMost);
    },
  });
  const quota = { limit };
  const owner = newId();
  let ms = 0;
  // Each reading of the clock advances it, so a pause follows a count that found too few free places.
  const clock = { now: () => new Date(0), monotonicMs: () => (ms += 1) };
  const limits = () => ({ liveJobs: quota.limit });
  // The cache has the limits at one time, and lacks them at another.
  const known = () => (ms % 2 === 0 ? limits() : undefined);
  const quotas = { of: async () => limits(), known } as unknown as QuotasService;
  const gates = Array.from({ length: count }, () => new LiveJobQuota(counted, clock, quotas));
  const submit = (gate: number, jobs: number): Promise<string> =>
    gates[gate]!.admitting(owner, jobs, (admission) =>
      ground.transactions.run(async (tx) => {
        await admission.begin(tx);
        admission.check();
        const inserted = Array.from({ length: jobs }, () => aJob(owner, ground.now()));
        await ground.jobs.insert(tx, inserted);
        await gates[gate]!.confirm(tx, [admission]);
      }),
    ).then(
      () => 'taken',
      (error: unknown) => (error as DomainError).code,
    );
  const live = () => places.count(owner, 1_000_000);
  const finish = (many: number) =>
    ground.database.change(({ jobs }) => {
      for (const job of [...jobs.values()].filter(({ status }) => status === 'pending').slice(0, many))
        jobs.set(job.id, { ...job, status: 'completed' });
    });
  const pass = () => void (ms += 10_000);
  return { submit, live, finish, quota, counts, pass };
}

const step = fc.oneof(
  fc.record({ submit: fc.array(fc.tuple(fc.nat(2), fc.integer({ min: 1, max: 7 })), { minLength: 1, maxLength: 12 }) }),
  fc.record({ finish: fc.integer({ min: 1, max: 30 }) }),
);

describe('LiveJobQuota', () => {
  it('never admits more jobs than the limit, and never refuses a submission that fits, whatever is submitted at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 60 }), fc.array(step, { maxLength: 15 }), async (limit, steps) => {
        const { submit, live, finish, pass } = processes(3, limit);
        for (const one of steps) {
          pass();
          if ('finish' in one) await finish(one.finish);
          else await Promise.all(one.submit.map(([gate, jobs]) => submit(gate, jobs)));
          expect(await live()).toBeLessThanOrEqual(limit);
        }
        pass();
        const room = limit - (await live());
        expect(await submit(0, room + 1)).toBe('LIVE_JOB_QUOTA_REACHED');
        pass();
        if (room > 0) expect(await submit(1, room)).toBe('taken');
        expect(await live()).toBe(limit);
      }),
      { numRuns: 60 },
    );
  });

  it('admits one of several submissions whose recounts void the places of the others', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { submit, live, pass } = processes(3, 15);
      const answers = await Promise.all([submit(0, 10), submit(1, 10), submit(2, 10)]);
      expect(answers.sort()).toEqual(['LIVE_JOB_QUOTA_REACHED', 'LIVE_JOB_QUOTA_REACHED', 'taken']);
      expect(await live()).toBe(10);
      pass();
      expect(await submit(1, 5)).toBe('taken');
    }
  });

  it('admits a submission at once when a place becomes free after a refusal', async () => {
    const { submit, finish } = processes(2, 5);
    expect(await submit(0, 5)).toBe('taken');
    for (let round = 0; round < 5; round += 1) {
      expect(await submit(round % 2, 1)).toBe('LIVE_JOB_QUOTA_REACHED');
      await finish(1);
      expect(await submit(round % 2, 1)).toBe('taken');
    }
  });

  it('does not count at each submission', async () => {
    const { submit, counts, live } = processes(1, 1_000_000);
    for (let burst = 0; burst < 20; burst += 1) await Promise.all(Array.from({ length: 50 }, () => submit(0, 1)));
    expect([await live(), counts.recounts]).toEqual([1_000, 1]);
  });

  it('does not count for each refused submission', async () => {
    const { submit, counts } = processes(1, 10);
    expect(await submit(0, 10)).toBe('taken');
    const refused = await Promise.all(Array.from({ length: 100 }, () => submit(0, 1)));
    expect(new Set(refused)).toEqual(new Set(['LIVE_JOB_QUOTA_REACHED']));
    expect(counts.recounts).toBe(2);
  });

  it('follows a changed quota, and admits every submission without a quota', async () => {
    const { submit, quota, pass, live } = processes(2, 10);
    expect(await submit(0, 10)).toBe('taken');
    quota.limit = 20;
    expect(await submit(1, 10)).toBe('taken');
    quota.limit = 5;
    expect(await submit(0, 1)).toBe('LIVE_JOB_QUOTA_REACHED');
    pass();
    quota.limit = 0;
    expect(await submit(0, 500)).toBe('taken');
    expect(await live()).toBe(520);
  });
});
