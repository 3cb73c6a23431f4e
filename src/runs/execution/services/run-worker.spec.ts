import { describe, expect, it } from '@jest/globals';
import { aLoneWorker } from '../../../../test/support/lone-worker.js';
import type { ClaimedRun } from '../../domain/claimed-run.js';
import type { IRunLeases } from '../interfaces/run-leases.js';

/** Leases that grant a claim only at the `nth` request, and the requests that they got. */
function reluctant(nth: number) {
  const asked: string[][] = [];
  const leases: Pick<IRunLeases, 'claim' | 'waiting'> = {
    claim: async (runIds) => {
      asked.push(runIds);
      return asked.length < nth ? [] : runIds.map((runId) => ({ runId }) as ClaimedRun);
    },
    waiting: async (runIds) => runIds.map((runId) => ({ runId, jobId: 'j', waitMs: 0, gated: false })),
  };
  return { leases: leases as IRunLeases, asked };
}

describe('a waiting run that a doorbell named and that could not be claimed', () => {
  it('is tried again until its lock is released, because the doorbell does not ring again', async () => {
    const { leases, asked } = reluctant(3);
    const { worker, begun, stale, first } = aLoneWorker(leases);
    void worker.offer([{ runId: 'run', userId: 'owner' }]);
    await first;
    expect(asked).toEqual([['run'], ['run'], ['run']]);
    expect(begun).toEqual(['run']);
    expect(stale).toEqual([0, 0]);
  });
});
