import { Logger } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { officeServices, ports, workerServices } from '../support/engine-providers.js';
import { aJob, aRecurringJob } from '../support/factories.js';
import { FixedClock } from '../support/fixed-clock.js';
import { inMemoryGround } from '../support/in-memory/ground.js';
import { InMemoryJobScheduler } from '../support/in-memory/job-scheduler.js';
import { ScriptedExecutor, hangs, succeeds } from '../support/scripted-executor.js';
import { readConfig } from '../../src/config/config.js';
import type { Job } from '../../src/jobs/domain/job.js';
import { IRunPlanner } from '../../src/jobs/interfaces/run-planner.js';
import { conflict } from '../../src/kernel/errors.js';
import { newId } from '../../src/kernel/ids.js';
import { WorkerId } from '../../src/runs/execution/interfaces/worker-id.js';
import { AttemptRunner } from '../../src/runs/execution/services/attempt-runner.js';
import { LeaseKeeper } from '../../src/runs/execution/services/lease-keeper.js';
import { RunWorker } from '../../src/runs/execution/services/run-worker.js';

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 8; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

/** A process with so many places that takes jobs in and works, and whose commits may fail. */
async function aProcess(places: number) {
  const concurrency = Math.floor((places * 3) / 4);
  const clock = new FixedClock('2026-01-01T00:00:00Z');
  const settings = { WORKER_CONCURRENCY: String(concurrency), CLAIM_AHEAD_MS: '100', SETTLE_REST_MS: '0' };
  const config = readConfig({ JWT_SECRET: 'k'.repeat(32), ...settings });
  const ground = inMemoryGround(clock, config.engine);
  const scheduler = new InMemoryJobScheduler(clock, config.engine.claimAheadMs);
  const executor = new ScriptedExecutor();
  const claimed: string[][] = [];
  const { claim } = ground.leases;
  ground.leases.claim = (runIds, claimant) => {
    claimed.push(runIds);
    return claim.call(ground.leases, runIds, claimant);
  };
  const module = await Test.createTestingModule({
    providers: [
      ...new Set([...officeServices, ...workerServices]),
      ...ports(ground, clock, config, scheduler, executor),
      { provide: WorkerId, useValue: 'the worker' },
    ],
  }).compile();
  module.useLogger(false);
  const planner = module.get<IRunPlanner>(IRunPlanner);
  const worker = module.get(RunWorker);
  worker.startTaking();
  type Commit = (send: () => Promise<unknown>) => Promise<unknown>;
  const plan = (jobs: Job[], commit: Commit = (send) => send()): Promise<unknown> =>
    planner.planNew(jobs, clock.now(), (write) =>
      commit(() => ground.transactions.atOnce((tx) => Promise.all([write(tx), ground.jobs.insert(tx, jobs)]))),
    );
  const oneTime = (inMs = 0): Job => aJob(newId(), new Date(clock.ms + inMs));
  const runsOf = async (jobs: Job[]) =>
    (await Promise.all(jobs.map(({ id }) => ground.runs.findByJob(id, {}, { page: 1, limit: 10 })))).flatMap(
      ({ data }) => data,
    );
  const statuses = async ({ id }: Job) =>
    (await ground.runs.executions({ jobId: id }, { page: 1, limit: 10 })).data.map(({ status }) => status);
  return { clock, ground, scheduler, executor, claimed, module, worker, plan, oneTime, runsOf, statuses };
}

const connectionBreaks = (): Promise<never> =>
  Promise.reject(Object.assign(new Error('the connection broke'), { code: 'ECONNRESET' }));

beforeEach(() => void jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined));
afterEach(() => void jest.restoreAllMocks());

describe('a new job that is due where a place is free', () => {
  it('starts once it is committed, without a doorbell and without a claim of its own', async () => {
    const { executor, scheduler, claimed, plan, oneTime, runsOf, statuses } = await aProcess(10);
    const job = { ...oneTime(), payload: { b: 1, a: [{ dd: 2, c: 3 }] } };
    const order: string[] = [];
    executor.play((run) => {
      order.push('starts');
      return succeeds(run, undefined!);
    });
    await plan([job], async (send) => {
      await send();
      await turns();
      order.push('committed');
    });
    expect(order).toEqual(['committed', 'starts']);
    expect(JSON.stringify(executor.executed[0]?.payload)).toBe('{"b":1,"a":[{"dd":2,"c":3}]}');
    expect(executor.executed[0]?.payload).not.toBe(job.payload);
    await turns();
    expect(await runsOf([job])).toMatchObject([{ state: 'succeeded', attempts: 1, workerId: 'the worker' }]);
    expect(await statuses(job)).toEqual(['succeeded']);
    expect(claimed).toEqual([]);
    expect(scheduler.takeRung()).toEqual([]);
  });

  it('is held until it is due', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    try {
      const { clock, executor, plan, oneTime, runsOf } = await aProcess(10);
      const job = oneTime(80);
      await plan([job]);
      expect(await runsOf([job])).toMatchObject([{ state: 'running', startedAt: job.scheduledAt }]);
      clock.advance(79);
      jest.advanceTimersByTime(79);
      await turns();
      expect(executor.executed).toEqual([]);
      clock.advance(2);
      jest.advanceTimersByTime(2);
      await turns();
      expect(executor.executed).toHaveLength(1);
    } finally {
      jest.useRealTimers();
    }
  });

  it('takes no more places than there are: the others go through the dispatcher, and gated and later ones too', async () => {
    const { clock, executor, scheduler, plan, oneTime, runsOf } = await aProcess(3);
    executor.play(hangs);
    const [first, second] = [
      [oneTime(), oneTime()],
      [oneTime(), oneTime(), oneTime(101)],
    ];
    const recurring = aRecurringJob(newId(), clock.now());
    await plan(first);
    await plan([...second, recurring]);
    await turns();
    expect(executor.executed).toHaveLength(3);
    const states = async (jobs: Job[]) => (await runsOf(jobs)).map(({ state }) => state);
    expect(await states(first)).toEqual(['running', 'running']);
    expect(await states(second)).toEqual(['running', 'scheduled', 'scheduled']);
    expect(await states([recurring])).not.toContain('running');
    const [full] = await runsOf([second[1]!]);
    expect(scheduler.takeRung().flat()).toContain(full!.id);
  });

  it('counts places that are spoken for until the commit has been answered', async () => {
    const { executor, plan, oneTime } = await aProcess(2);
    executor.play(hangs);
    const answers: (() => void)[] = [];
    const late = async (send: () => Promise<unknown>) => {
      await send();
      await new Promise<void>((resolve) => answers.push(resolve));
    };
    const planned = [[oneTime(), oneTime()], [oneTime()]].map((jobs) => plan(jobs, late));
    await turns();
    for (const answer of answers.reverse()) answer();
    await Promise.all(planned);
    await turns();
    expect(executor.executed).toHaveLength(2);
  });
});

describe('a commit that fails', () => {
  it('frees the places at once where it was refused', async () => {
    const { executor, ground, plan, oneTime } = await aProcess(2);
    const settle = jest.spyOn(ground.leases, 'settle');
    const refused = plan([oneTime()], () => Promise.reject(conflict('NO', 'No.')));
    await expect(refused).rejects.toMatchObject({ code: 'NO' });
    expect(settle).not.toHaveBeenCalled();
    await plan([oneTime()]);
    expect(executor.executed).toHaveLength(1);
  });

  it('is followed by handing back what it committed nevertheless: it runs at once, as the first attempt', async () => {
    const { executor, plan, oneTime, runsOf, statuses, scheduler } = await aProcess(2);
    const job = oneTime();
    const lost = plan([job], async (send) => {
      await send();
      return connectionBreaks();
    });
    await expect(lost).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(executor.executed).toEqual([]);
    await turns();
    await turns();
    expect(executor.executed).toMatchObject([{ attempt: 1, leaseToken: '2' }]);
    expect(await runsOf([job])).toMatchObject([{ state: 'succeeded', attempts: 1 }]);
    expect(await statuses(job)).toEqual(['succeeded', 'released']);
    expect(scheduler.takeRung()).toEqual([]);
  });

  it('keeps the places until PostgreSQL has said what came of it', async () => {
    const { executor, ground, plan, oneTime, runsOf } = await aProcess(2);
    const answers: (() => void)[] = [];
    const { settle } = ground.leases;
    ground.leases.settle = async (settlements) => {
      await new Promise<void>((resolve) => answers.push(resolve));
      return settle.call(ground.leases, settlements);
    };
    await expect(plan([oneTime(), oneTime()], connectionBreaks)).rejects.toMatchObject({ code: 'ECONNRESET' });
    const [one, other] = [oneTime(), oneTime()];
    await plan([one]);
    await turns();
    expect(await runsOf([one])).toMatchObject([{ state: 'scheduled' }]);
    ground.leases.settle = settle;
    for (const answer of answers) answer();
    await turns();
    await plan([other]);
    expect(executor.executed).toMatchObject([{ jobId: other.id }]);
  });

  it('is looked after once more: PostgreSQL may have gone on with what it was sent', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    try {
      const { executor, plan, oneTime, runsOf } = await aProcess(2);
      const job = oneTime();
      let arrive!: () => Promise<unknown>;
      const broken = plan([job], (send) => {
        arrive = send;
        return connectionBreaks();
      });
      await expect(broken).rejects.toMatchObject({ code: 'ECONNRESET' });
      await turns();
      await arrive();
      await turns();
      expect(await runsOf([job])).toMatchObject([{ state: 'running' }]);
      jest.advanceTimersByTime(1_000);
      await turns();
      await turns();
      expect(executor.executed).toMatchObject([{ attempt: 1, leaseToken: '2' }]);
      expect(await runsOf([job])).toMatchObject([{ state: 'succeeded', attempts: 1 }]);
    } finally {
      jest.useRealTimers();
    }
  });
});

describe('a worker that stops', () => {
  it('keeps no places any more', async () => {
    const { executor, worker, plan, oneTime, runsOf } = await aProcess(10);
    await worker.stopTaking();
    const job = oneTime();
    await plan([job]);
    expect(executor.executed).toEqual([]);
    expect(await runsOf([job])).toMatchObject([{ state: 'scheduled', leaseToken: '0' }]);
  });

  it('waits for commits under way, whose runs begin and are handed back like all else', async () => {
    const { executor, worker, module, plan, oneTime, runsOf } = await aProcess(10);
    executor.play(hangs);
    let answer!: () => void;
    const job = oneTime();
    const planned = plan([job], async (send) => {
      await send();
      await new Promise<void>((resolve) => (answer = resolve));
    });
    await turns();
    let stopped = false;
    const stopping = worker.stopTaking().then(() => (stopped = true));
    await turns();
    expect(stopped).toBe(false);
    answer();
    await Promise.all([planned, stopping]);
    expect(executor.executed).toHaveLength(1);
    module.get(LeaseKeeper).abortAll('stopping');
    await module.get(AttemptRunner).idle();
    expect(await runsOf([job])).toMatchObject([{ state: 'scheduled', attempts: 0, reason: 'handed_back' }]);
  });
});
