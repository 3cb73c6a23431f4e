import { describe, expect, it } from '@jest/globals';
import { readConfig } from '../../config/config.js';
import type { ClaimedRun } from '../domain/claimed-run.js';
import type { IRunLeases } from '../interfaces/run-leases.js';
import type { IRunMetrics } from '../interfaces/run-metrics.js';
import type { AttemptRunner } from './attempt-runner.js';
import type { LeaseKeeper } from './lease-keeper.js';
import type { Ringer } from './ringer.js';
import { RunWorker } from './run-worker.js';
import type { StartGate } from './start-gate.js';

/** A worker over leases that let a run go only when it is asked for the `nth` time. */
function aWorker(nth: number) {
  const stale: number[] = [];
  const asked: string[][] = [];
  const begun: string[] = [];
  const leases: Pick<IRunLeases, 'claim' | 'waiting'> = {
    claim: async (runIds) => {
      asked.push(runIds);
      return asked.length < nth ? [] : runIds.map((runId) => ({ runId }) as ClaimedRun);
    },
    waiting: async (runIds) => runIds.map((runId) => ({ runId, jobId: 'j', waitMs: 0, gated: false })),
  };
  const done = new Promise<void>((resolve) => {
    const attempts = {
      onEnd: () => undefined,
      spare: 0,
      begin: ({ runId }: ClaimedRun) => {
        begun.push(runId);
        resolve();
      },
    };
    const worker = new RunWorker(
      leases as IRunLeases,
      readConfig({ JWT_SECRET: 'k'.repeat(32) }),
      'worker',
      { now: () => new Date(), monotonicMs: () => performance.now() },
      { stale: (count: number) => stale.push(count) } as unknown as IRunMetrics,
      { size: 0, busy: 0 } as LeaseKeeper,
      attempts as unknown as AttemptRunner,
      {} as StartGate,
      {} as Ringer,
    );
    void worker.offer(['run']);
  });
  return { done, asked, begun, stale };
}

describe('a run that a doorbell named and that could not be claimed although it waits', () => {
  it('is tried again until whoever had it locked is done, for the doorbell will not ring again', async () => {
    const { done, asked, begun, stale } = aWorker(3);
    await done;
    expect(asked).toEqual([['run'], ['run'], ['run']]);
    expect(begun).toEqual(['run']);
    expect(stale).toEqual([0, 0]);
  });
});
