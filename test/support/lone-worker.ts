import { readConfig } from '../../src/config/config.js';
import { Counts } from '../../src/kernel/counts.js';
import type { ClaimedRun } from '../../src/runs/domain/claimed-run.js';
import type { IRunLeases } from '../../src/runs/execution/interfaces/run-leases.js';
import type { IRunMetrics } from '../../src/runs/interfaces/run-metrics.js';
import type { AttemptRunner } from '../../src/runs/execution/services/attempt-runner.js';
import type { DirectStarts } from '../../src/runs/dispatch/services/direct-starts.js';
import type { LeaseKeeper } from '../../src/runs/execution/services/lease-keeper.js';
import type { DoorbellDispatcher } from '../../src/runs/dispatch/services/doorbell-dispatcher.js';
import { RunWorker } from '../../src/runs/execution/services/run-worker.js';
import type { StartGate } from '../../src/runs/execution/services/start-gate.js';

/** A worker with much room over some leases, which notes the attempts that it begins and carries none of them out. */
export function aLoneWorker(leases: IRunLeases) {
  /** Ids of runs, in the order of their attempts. */
  const begun: string[] = [];
  /** How many runs of each offer that was not claimed whole need not be claimed any more. */
  const stale: number[] = [];
  let firstBegins: () => void = () => undefined;
  const first = new Promise<void>((resolve) => (firstBegins = resolve));
  const attempts = {
    onEnd: () => undefined,
    busy: new Counts(),
    ...{ waiting: 0, spare: 0, waitingOf: () => 0, spareOf: () => 0 },
    begin: ({ runId }: ClaimedRun) => {
      begun.push(runId);
      firstBegins();
    },
  };
  const worker = new RunWorker(
    leases,
    readConfig({ JWT_SECRET: 'k'.repeat(32) }),
    'worker',
    { now: () => new Date(), monotonicMs: () => performance.now() },
    { stale: (count: number) => stale.push(count) } as unknown as IRunMetrics,
    { size: 0, busy: 0 } as LeaseKeeper,
    attempts as unknown as AttemptRunner,
    {} as StartGate,
    {} as DoorbellDispatcher,
    {} as DirectStarts,
  );
  return { worker, begun, stale, first };
}
