import { describe, expect, it } from '@jest/globals';
import { readConfig } from '../../../config/config.js';
import { Counts } from '../../../kernel/counts.js';
import type { ClaimedRun } from '../../domain/claimed-run.js';
import type { CalledRun } from '../../dispatch/domain/doorbell.js';
import type { Ring } from '../../domain/ring.js';
import type { IJobScheduler } from '../../dispatch/interfaces/job-scheduler.js';
import type { IRunLeases } from '../interfaces/run-leases.js';
import type { IRunMetrics } from '../../interfaces/run-metrics.js';
import type { AttemptRunner } from './attempt-runner.js';
import type { DirectStarts } from '../../dispatch/services/direct-starts.js';
import type { LeaseKeeper } from './lease-keeper.js';
import { DoorbellDispatcher } from '../../dispatch/services/doorbell-dispatcher.js';
import { RunWorker } from './run-worker.js';
import type { StartGate } from './start-gate.js';

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 4; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};
/** Each run has an owner of its own unless its name contains one. */
const ownerOf = (runId: string): string => /^(.*)'s/.exec(runId)?.[1] ?? `the owner of ${runId}`;
const dueNow = (...runIds: string[]): Ring[] => runIds.map((runId) => ({ runId, userId: ownerOf(runId), delayMs: 0 }));
const called = (...runIds: string[]): CalledRun[] => runIds.map((runId) => ({ runId, userId: ownerOf(runId) }));

/** A process with this many handler slots, whose claims the test answers. */
function aProcess(slots: number, spare = 1_000) {
  const concurrency = Math.floor((slots * 3) / 4);
  const doorbells: string[][] = [];
  const claims: { runIds: string[]; answer: () => void; refuse: () => void }[] = [];
  const begun: string[] = [];
  const keeper = { size: 0, busy: 0 };
  let rung = 0;
  let ends = (): void => undefined;
  const metrics = { rung: (count: number) => (rung += count), stale: () => undefined } as unknown as IRunMetrics;
  const scheduler: Pick<IJobScheduler, 'ring'> = {
    ring: async (rings) => void doorbells.push(rings.map(({ runId }) => runId)),
  };
  const leases: Pick<IRunLeases, 'claim' | 'waiting' | 'ownersOf'> = {
    claim: (runIds) =>
      new Promise((resolve, reject) =>
        claims.push({
          runIds,
          answer: () => resolve(runIds.map((runId) => ({ runId, userId: ownerOf(runId) }) as ClaimedRun)),
          refuse: () => reject(new Error('PostgreSQL is away')),
        }),
      ),
    waiting: async () => [],
    ownersOf: async (runIds) => runIds.map((runId) => ({ runId, userId: ownerOf(runId) })),
  };
  const attempts = {
    onEnd: (listener: () => void) => (ends = listener),
    busy: new Counts(),
    ...{ waiting: 0, waitingOf: () => 0, spare, spareOf: () => spare },
    begin({ runId, userId }: ClaimedRun) {
      attempts.busy.add(userId);
      begun.push(runId);
      keeper.size += 1;
      keeper.busy += 1;
    },
  };
  const dispatcher = new DoorbellDispatcher(scheduler as IJobScheduler, metrics);
  const worker = new RunWorker(
    leases as IRunLeases,
    readConfig({ JWT_SECRET: 'k'.repeat(32), WORKER_CONCURRENCY: String(concurrency), CLAIM_AHEAD_MS: '100' }),
    'worker',
    { now: () => new Date(), monotonicMs: () => performance.now() },
    metrics,
    keeper as unknown as LeaseKeeper,
    attempts as unknown as AttemptRunner,
    {} as StartGate,
    dispatcher,
    { useLocalWorker: () => undefined } as unknown as DirectStarts,
  );
  const ring = async (rings: Ring[]): Promise<void> => {
    dispatcher.ringLater(rings);
    await turns();
  };
  const end = (userId: string): void => {
    attempts.busy.take(userId);
    keeper.size -= 1;
    keeper.busy -= 1;
    ends();
  };
  return { worker, ring, doorbells, claims, begun, end, rung: () => rung };
}

describe('a run that a process rings for', () => {
  it('goes through the dispatcher when the process is no worker', async () => {
    const { ring, doorbells, claims } = aProcess(10);
    await ring(dueNow('a', 'b'));
    expect(doorbells).toEqual([['a', 'b']]);
    expect(claims).toEqual([]);
  });

  it('is claimed without a doorbell, in one statement, when the local worker has free slots; and is counted', async () => {
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

  it('goes through the dispatcher, in one piece, when it would have to wait for a slot', async () => {
    const { worker, ring, doorbells, claims, begun, rung } = aProcess(3);
    worker.startTaking();
    await ring(dueNow('a', 'b'));
    await ring(dueNow('c', 'd', 'e', 'f'));
    expect(claims.map(({ runIds }) => runIds)).toEqual([['a', 'b'], ['c']]);
    expect(doorbells).toEqual([['d', 'e', 'f']]);
    for (const claim of claims) claim.answer();
    await turns();
    // Runs that are executed or claimed ahead keep their slots, however many could be claimed beyond.
    await ring(dueNow('g'));
    expect(begun).toEqual(['a', 'b', 'c']);
    expect(doorbells).toEqual([['d', 'e', 'f'], ['g']]);
    expect(rung()).toBe(7);
  });

  it('goes through the dispatcher when it may not be claimed yet', async () => {
    const { worker, ring, doorbells, claims } = aProcess(10);
    worker.startTaking();
    await ring([
      { runId: 'later', userId: 'one', delayMs: 101 },
      { runId: 'soon', userId: 'one', delayMs: 100 },
    ]);
    expect(claims.map(({ runIds }) => runIds)).toEqual([['soon']]);
    expect(doorbells).toEqual([['later']]);
  });
});

describe('an owner that has its share', () => {
  const ids = (name: string, count: number): string[] => Array.from({ length: count }, (_, n) => `${name}'s ${n}`);

  it('gets no further slot, however many of its runs are offered, while runs of others start', async () => {
    const { worker, ring, doorbells, claims, begun } = aProcess(8, 0);
    worker.startTaking();
    let answered = false;
    void worker.offer(called(...ids('Ann', 100))).then(() => (answered = true));
    await turns();
    expect(claims.map(({ runIds }) => runIds)).toEqual([ids('Ann', 6)]);
    claims[0]!.answer();
    await turns();
    expect(answered).toBe(true);
    expect(worker.isListening).toBe(true);
    expect(worker.heldBack).toBe(94);
    expect(worker.satisfied).toEqual(['Ann']);
    expect(worker.room).toBe(2);
    await ring(dueNow("Ann's at hand", "Bob's at hand"));
    void worker.offer(called("Ann's rung for", "Cid's rung for"));
    await turns();
    expect(doorbells).toEqual([["Ann's at hand"]]);
    expect(claims.slice(1).map(({ runIds }) => runIds)).toEqual([["Bob's at hand"], ["Cid's rung for"]]);
    for (const claim of claims.slice(1)) claim.answer();
    await turns();
    expect(begun.slice(6)).toEqual(["Bob's at hand", "Cid's rung for"]);
  });

  it('gets reservations for direct starts up to its share', () => {
    const { worker } = aProcess(8, 0);
    const places = worker.reserveSlots([...Array<string>(8).fill('Ann'), 'Bob', 'Ann']);
    expect(places?.granted).toEqual([...Array<boolean>(6).fill(true), false, false, true, false]);
    expect(worker.reserveSlots(['Ann'])).toBe(null);
    expect(worker.reserveSlots(['Cid', 'Dan'])?.granted).toEqual([true, false]);
    places!.begin([], 0, 0);
    expect(worker.reserveSlots(['Ann'])).not.toBe(null);
  });

  it('is looked up when the doorbell does not name it', async () => {
    const { worker, ring, claims, begun } = aProcess(8, 0);
    worker.startTaking();
    void worker.offer(ids('Ann', 50).map((runId) => ({ runId, userId: null })));
    await turns();
    claims[0]!.answer();
    await turns();
    expect(begun).toEqual(ids('Ann', 6));
    await ring([{ runId: "Bob's", delayMs: 0 }]);
    expect(claims.at(-1)!.runIds).toEqual(["Bob's"]);
  });

  it('gets more when one of its runs ends, the oldest first, each once', async () => {
    const { worker, claims, end } = aProcess(8, 0);
    void worker.offer(called(...ids('Ann', 20)));
    await turns();
    claims[0]!.answer();
    await turns();
    // The ticker rings again for runs that no worker has claimed.
    await worker.offer(called(...ids('Ann', 20).slice(6)));
    expect(worker.heldBack).toBe(14);
    end('Ann');
    await turns();
    expect(claims.at(-1)!.runIds).toEqual(["Ann's 6"]);
  });

  it('leaves its doorbells unanswered only while no slot is free for any owner', async () => {
    const { worker, claims, end } = aProcess(2, 0);
    void worker.offer(called("Ann's 1", "Bob's 1"));
    await turns();
    claims[0]!.answer();
    await turns();
    let answered = false;
    void worker.offer(called("Ann's 2")).then(() => (answered = true));
    await turns();
    expect([answered, worker.room]).toEqual([false, 0]);
    end('Bob');
    await turns();
    expect([answered, worker.heldBack]).toEqual([true, 1]);
  });

  it('has its runs rung for again when the worker stops', async () => {
    const { worker, doorbells, claims } = aProcess(8, 0);
    void worker.offer(called(...ids('Ann', 10)));
    await turns();
    claims[0]!.answer();
    await turns();
    await worker.stopTaking();
    await turns();
    expect(doorbells).toEqual([ids('Ann', 10).slice(6)]);
  });
});

describe('a worker that stops', () => {
  it('takes no further run locally', async () => {
    const { worker, ring, doorbells, claims } = aProcess(10);
    worker.startTaking();
    await worker.stopTaking();
    await ring(dueNow('a'));
    expect(claims).toEqual([]);
    expect(doorbells).toEqual([['a']]);
  });

  it('rings for all offered runs that it has not claimed: waiting for a slot, refused, or just offered', async () => {
    const { worker, ring, doorbells, claims, begun } = aProcess(2);
    worker.startTaking();
    await ring(dueNow('claimed'));
    await ring(dueNow('refused'));
    expect(claims).toHaveLength(2);
    let answered = false;
    // Runs are claimed beyond the slots, but at most `maxClaimsInFlight` claims are in flight.
    void worker.offer(called('waiting')).then(() => (answered = true));
    await turns();
    const stopped = worker.stopTaking();
    claims[0]!.answer();
    claims[1]!.refuse();
    await worker.offer(called('at the last moment'));
    await stopped;
    await turns();
    expect(begun).toEqual(['claimed']);
    expect(answered).toBe(true);
    expect(claims).toHaveLength(2);
    expect(doorbells.flat().sort()).toEqual(['at the last moment', 'refused', 'waiting']);
  });
});
