import { describe, expect, it } from '@jest/globals';
import { readConfig } from '../../config/config.js';
import type { ClaimedRun } from '../domain/claimed-run.js';
import type { Ring } from '../domain/doorbell.js';
import type { IJobScheduler } from '../interfaces/job-scheduler.js';
import type { IRunLeases } from '../interfaces/run-leases.js';
import type { IRunMetrics } from '../interfaces/run-metrics.js';
import type { AttemptRunner } from './attempt-runner.js';
import type { Births } from './births.js';
import type { LeaseKeeper } from './lease-keeper.js';
import { Ringer } from './ringer.js';
import { RunWorker } from './run-worker.js';
import type { StartGate } from './start-gate.js';

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};
const dueNow = (...runIds: string[]): Ring[] => runIds.map((runId) => ({ runId, delayMs: 0 }));

/** A process with so many places, whose claims are answered by hand. */
function aProcess(concurrency: number) {
  const doorbells: string[][] = [];
  const claims: { runIds: string[]; answer: () => void; refuse: () => void }[] = [];
  const begun: string[] = [];
  const keeper = { size: 0, busy: 0 };
  let rung = 0;
  const metrics = { rung: (count: number) => (rung += count), stale: () => undefined } as unknown as IRunMetrics;
  const scheduler: Pick<IJobScheduler, 'ring'> = {
    ring: async (rings) => void doorbells.push(rings.map(({ runId }) => runId)),
  };
  const leases: Pick<IRunLeases, 'claim' | 'waiting'> = {
    claim: (runIds) =>
      new Promise((resolve, reject) =>
        claims.push({
          runIds,
          answer: () => resolve(runIds.map((runId) => ({ runId }) as ClaimedRun)),
          refuse: () => reject(new Error('PostgreSQL is away')),
        }),
      ),
    waiting: async () => [],
  };
  const attempts = {
    onEnd: () => undefined,
    spare: 1_000,
    begin({ runId }: ClaimedRun) {
      begun.push(runId);
      keeper.size += 1;
      keeper.busy += 1;
    },
  };
  const ringer = new Ringer(scheduler as IJobScheduler, metrics);
  const worker = new RunWorker(
    leases as IRunLeases,
    readConfig({ JWT_SECRET: 'k'.repeat(32), WORKER_CONCURRENCY: String(concurrency), CLAIM_AHEAD_MS: '100' }),
    'worker',
    { now: () => new Date(), monotonicMs: () => performance.now() },
    metrics,
    keeper as unknown as LeaseKeeper,
    attempts as unknown as AttemptRunner,
    {} as StartGate,
    ringer,
    { startAt: () => undefined } as unknown as Births,
  );
  const ring = async (rings: Ring[]): Promise<void> => {
    ringer.ringLater(rings);
    await turns();
  };
  return { worker, ring, doorbells, claims, begun, rung: () => rung };
}

describe('what a process rings for', () => {
  it('goes through the dispatcher where the process does not work', async () => {
    const { ring, doorbells, claims } = aProcess(10);
    await ring(dueNow('a', 'b'));
    expect(doorbells).toEqual([['a', 'b']]);
    expect(claims).toEqual([]);
  });

  it('is claimed without a doorbell, in one statement, where its own worker has places; and is counted', async () => {
    const { worker, ring, doorbells, claims, begun, rung } = aProcess(10);
    worker.startTaking();
    await ring(dueNow('a', 'b'));
    expect(claims.map(({ runIds }) => runIds)).toEqual([['a', 'b']]);
    claims[0]!.answer();
    await turns();
    expect(begun).toEqual(['a', 'b']);
    expect(doorbells).toEqual([]);
    expect(rung()).toBe(2);
  });

  it('goes through the dispatcher, in one piece, where it would have to wait for a place', async () => {
    const { worker, ring, doorbells, claims, begun, rung } = aProcess(3);
    worker.startTaking();
    await ring(dueNow('a', 'b'));
    await ring(dueNow('c', 'd', 'e', 'f'));
    expect(claims.map(({ runIds }) => runIds)).toEqual([['a', 'b'], ['c']]);
    expect(doorbells).toEqual([['d', 'e', 'f']]);
    for (const claim of claims) claim.answer();
    await turns();
    // What works or is claimed ahead keeps its place, however much could be claimed beyond.
    await ring(dueNow('g'));
    expect(begun).toEqual(['a', 'b', 'c']);
    expect(doorbells).toEqual([['d', 'e', 'f'], ['g']]);
    expect(rung()).toBe(7);
  });

  it('goes through the dispatcher where it may not be claimed yet', async () => {
    const { worker, ring, doorbells, claims } = aProcess(10);
    worker.startTaking();
    await ring([
      { runId: 'later', delayMs: 101 },
      { runId: 'soon', delayMs: 100 },
    ]);
    expect(claims.map(({ runIds }) => runIds)).toEqual([['soon']]);
    expect(doorbells).toEqual([['later']]);
  });
});

describe('a worker that stops', () => {
  it('takes nothing more at hand', async () => {
    const { worker, ring, doorbells, claims } = aProcess(10);
    worker.startTaking();
    await worker.stopTaking();
    await ring(dueNow('a'));
    expect(claims).toEqual([]);
    expect(doorbells).toEqual([['a']]);
  });

  it('rings for all that it was offered and has not claimed: waiting for a place, refused, or offered just then', async () => {
    const { worker, ring, doorbells, claims, begun } = aProcess(2);
    worker.startTaking();
    await ring(dueNow('claimed'));
    await ring(dueNow('refused'));
    expect(claims).toHaveLength(2);
    let answered = false;
    // Spare places are claimed for, but no more than two claims are under way at a time.
    void worker.offer(['waiting']).then(() => (answered = true));
    await turns();
    const stopped = worker.stopTaking();
    claims[0]!.answer();
    claims[1]!.refuse();
    await worker.offer(['at the last moment']);
    await stopped;
    await turns();
    expect(begun).toEqual(['claimed']);
    expect(answered).toBe(true);
    expect(claims).toHaveLength(2);
    expect(doorbells.flat().sort()).toEqual(['at the last moment', 'refused', 'waiting']);
  });
});
