import type { Job } from '../../../jobs/domain/job.js';
import type { Ring } from '../../domain/ring.js';
import type { NewRun } from '../../domain/run.js';

/** A run that somebody calls a worker for. */
export interface CalledRun {
  runId: string;
  /** Whose it is; null: the caller does not know, and the worker looks it up. */
  userId: string | null;
}

/** One Bull job: look at these runs, `delayMs` from now. */
export interface Doorbell {
  runIds: string[];
  /** Whose they are, in the same order. */
  userIds: (string | null)[];
  delayMs: number;
}

type Open = Omit<Doorbell, 'delayMs'> & { firstMs: number };

/** Runs that share a doorbell at most: one claim statement takes them all. */
const maxRunsPerDoorbell = 200;

/**
 * Runs due at nearly the same time share a doorbell; one that is alone rings alone. A doorbell rings `aheadMs` before the
 * first of its runs is due, and none of them is due later than `aheadMs` after that one, so that one claim takes all.
 *
 * @param aheadMs how long before it is due a run may be claimed, in ms
 */
export function groupRings(rings: Ring[], aheadMs: number): Doorbell[] {
  const doorbells: Open[] = [];
  let open: Open | undefined;
  for (const { runId, userId, delayMs } of [...rings].sort((a, b) => a.delayMs - b.delayMs)) {
    if (!open || open.runIds.length >= maxRunsPerDoorbell || delayMs - open.firstMs > aheadMs) {
      open = { runIds: [], userIds: [], firstMs: delayMs };
      doorbells.push(open);
    }
    open.runIds.push(runId);
    open.userIds.push(userId ?? null);
  }
  return doorbells.map(({ firstMs, ...named }) => ({ ...named, delayMs: Math.max(Math.floor(firstMs - aheadMs), 0) }));
}

/** Says whose the runs are that are rung for. @param jobs all that `runs` are of */
export function ownedRings(
  rings: Ring[],
  runs: Pick<NewRun, 'id' | 'jobId'>[],
  jobs: Pick<Job, 'id' | 'userId'>[],
): Ring[] {
  const [first] = jobs;
  if (rings.length === 0 || !first) return rings;
  if (jobs.every(({ userId }) => userId === first.userId))
    return rings.map((ring) => ({ ...ring, userId: first.userId }));
  const userOf = new Map(jobs.map(({ id, userId }) => [id, userId]));
  const jobOf = new Map(runs.map(({ id, jobId }) => [id, jobId]));
  return rings.map((ring) => ({ ...ring, userId: userOf.get(jobOf.get(ring.runId)!)! }));
}
