import type { Execution } from '../../../src/runs/domain/execution.js';
import type { Tables } from './database.js';

/** The attempts of a job or a run, newest first; that of a running run, which has no row yet, included. */
export function attemptsOf({ runs, executions }: Tables, of: { jobId: string } | { runId: string }): Execution[] {
  const live = [...runs.values()].flatMap((run): Execution[] =>
    run.state === 'running'
      ? [
          {
            id: run.id,
            runId: run.id,
            jobId: run.jobId,
            attemptNumber: run.attempts,
            status: 'running',
            dueAt: run.dueAt,
            startedAt: run.attemptStartedAt ?? run.dueAt,
            completedAt: null,
            errorMessage: null,
            result: null,
            workerId: run.workerId,
            leaseToken: run.leaseToken,
          },
        ]
      : [],
  );
  return [...executions.values(), ...live]
    .filter((attempt) => ('jobId' in of ? attempt.jobId === of.jobId : attempt.runId === of.runId))
    .sort((a, b) => b.startedAt.getTime() - a.startedAt.getTime() || Number(b.leaseToken) - Number(a.leaseToken));
}
