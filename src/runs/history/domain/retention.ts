import type { Job } from '../../../jobs/domain/job.js';
import { isFinished } from '../../../jobs/domain/job-status.js';
import type { Execution } from '../../domain/execution.js';
import type { Run } from '../../domain/run.js';
import { isFinal } from '../../domain/run-state.js';

/** How long history is kept after its end, in ms; null keeps it for ever. */
export interface RunAges {
  /** Runs that have not failed. */
  runsMs: number | null;
  failedRunsMs: number | null;
  /** Ended one-time jobs; none goes before its last run. */
  jobsMs: number | null;
}

/** Attempts of a job that still runs which are kept whatever their age: its last outcome, its usual duration. */
export const keptAttempts = 20;
/** Most that a job's `pauseAfterFailures` keeps. */
export const mostKeptAttempts = 5_000;

/**
 * How many of a job's latest attempts are kept whatever their age; null when age alone decides. A job that pauses itself
 * after so many failures must find them, however rarely it runs.
 */
function attemptsToKeep(job: Pick<Job, 'type' | 'status' | 'pauseAfterFailures' | 'maxRetries'>): number | null {
  if (job.type === 'one_time' || isFinished(job.status)) return null;
  const failures = (job.pauseAfterFailures ?? 0) * (job.maxRetries + 1);
  return Math.min(Math.max(keptAttempts, failures), mostKeptAttempts);
}

/** Whether a run has ended, and so long ago that it need not be kept. */
export function isOld({ state, endedAt }: Pick<Run, 'state' | 'endedAt'>, ages: RunAges, now: Date): boolean {
  const ageMs = state === 'failed' ? ages.failedRunsMs : ages.runsMs;
  return isFinal(state) && endedAt !== null && ageMs !== null && now.getTime() - endedAt.getTime() > ageMs;
}

/** The job of a run, as far as it says what must stay. */
export interface Keeping {
  job: Pick<Job, 'type' | 'status' | 'pauseAfterFailures' | 'maxRetries'>;
  /** Nominal time of its oldest scheduled run that is not final; null without one. */
  liveFrom: Date | null;
  /** Its attempts. */
  executions: Pick<Execution, 'startedAt'>[];
}

/**
 * Whether a run may be forgotten. Times are accounted for up to a mark that never overtakes a live run, so that whoever
 * plans a stretch of times again finds all the rows of it. Backfilled runs go with their backfill.
 */
export function mayGo(
  run: Pick<Run, 'state' | 'endedAt' | 'startedAt' | 'nominalAt' | 'nominalUntil' | 'trigger'>,
  { job, liveFrom, executions }: Keeping,
  ages: RunAges,
  now: Date,
): boolean {
  if (run.trigger === 'backfill' || !isOld(run, ages, now)) return false;
  if (run.trigger === 'schedule' && liveFrom && (run.nominalUntil ?? run.nominalAt) >= liveFrom) return false;
  const kept = attemptsToKeep(job);
  if (kept === null || run.startedAt === null || !run.endedAt) return true;
  const starts = executions.map(({ startedAt }) => startedAt.getTime()).sort((a, b) => b - a);
  return run.endedAt.getTime() < (starts[kept - 1] ?? -Infinity);
}

/** Whether a job has ended so long ago that it may go, if its runs may. */
export const isOldJob = (
  { type, status, updatedAt }: Pick<Job, 'type' | 'status' | 'updatedAt'>,
  { jobsMs }: RunAges,
  now: Date,
): boolean =>
  type === 'one_time' && isFinished(status) && jobsMs !== null && now.getTime() - updatedAt.getTime() > jobsMs;
