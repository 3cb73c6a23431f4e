import type { Job, JobView, LastRun, ListedJob } from '../domain/job.js';

/** The job as a new row of `jobs`, for `jsonRows`. */
export const rowOf = (job: Job): Record<string, unknown> => ({
  id: job.id,
  user_id: job.userId,
  name: job.name,
  description: job.description ?? undefined,
  type: job.type,
  handler: job.handler,
  payload: job.payload,
  status: job.status,
  scheduled_at: job.scheduledAt ?? undefined,
  schedule: job.schedule ?? undefined,
  timezone: job.timezone ?? undefined,
  scheduled_local: job.scheduledLocal ?? undefined,
  overlap_policy: job.overlapPolicy,
  catchup: job.catchup,
  pause_after_failures: job.pauseAfterFailures ?? undefined,
  paused_at: job.pausedAt ?? undefined,
  paused_until: job.pausedUntil ?? undefined,
  pause_note: job.pauseNote ?? undefined,
  pause_reason: job.pauseReason ?? undefined,
  max_retries: job.maxRetries,
  retry_delay_ms: job.retryDelayMs ?? undefined,
  timeout_ms: job.timeoutMs ?? undefined,
  on_lost: job.onLost ?? undefined,
  notify_on_failure: job.notifyOnFailure ?? undefined,
  next_run_at: job.nextRunAt ?? undefined,
  planned_count: job.plannedCount,
  active_until: job.activeUntil ?? undefined,
  version: job.version,
  version_since: job.versionSince,
  created_at: job.createdAt,
  updated_at: job.updatedAt,
});

/** A row of `jobColumns` and `viewColumns`. */
export type ViewRow = Omit<JobView, 'nextHasRun'> & { nextOfRuns: Date | null };
/** A row of `listedColumns`. */
export type ListedRow = Omit<ListedJob, 'nextHasRun'> & { nextOfRuns: Date | null };

export const viewOf = ({ nextOfRuns, ...stored }: ViewRow): JobView => ({
  ...stored,
  ...nextOf(stored, nextOfRuns),
  lastRun: lastRunOf(stored.lastRun),
});

/** `truncated` of the job also names the cut fields of its last run. */
export function listedOf({ nextOfRuns, ...stored }: ListedRow): ListedJob {
  const lastRun = lastRunOf(stored.lastRun);
  const next = nextOf(stored, nextOfRuns);
  if (!lastRun) return { ...stored, ...next, lastRun };
  const { truncated = [], ...last } = lastRun as LastRun & { truncated?: string[] };
  return { ...stored, ...next, lastRun: last, truncated: [...stored.truncated, ...truncated] };
}

function nextOf({ status, nextRunAt }: Pick<ViewRow, 'status' | 'nextRunAt'>, nextOfRuns: Date | null) {
  const isActive = status === 'pending' || status === 'running';
  return { nextRunAt: isActive ? (nextOfRuns ?? nextRunAt) : null, nextHasRun: isActive && nextOfRuns !== null };
}

/** PostgreSQL returns times inside `json_build_object` as text. */
function lastRunOf(stored: LastRun | null): LastRun | null {
  const lastRun = stored as (Omit<LastRun, 'nominalAt' | 'startedAt' | 'endedAt'> & Record<string, string>) | null;
  return (
    lastRun && {
      ...lastRun,
      nominalAt: new Date(lastRun.nominalAt ?? ''),
      startedAt: new Date(lastRun.startedAt ?? ''),
      endedAt: lastRun.endedAt ? new Date(lastRun.endedAt) : null,
    }
  );
}
