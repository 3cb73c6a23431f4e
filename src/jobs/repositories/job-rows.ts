import type { Job, JobView, LastRun } from '../domain/job.js';

/** The job as a new row of the table, for `jsonRows`. */
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

/** As `jobColumns` and `viewColumns` select it. */
export type ViewRow = Omit<JobView, 'nextHasRun'> & { nextOfRuns: Date | null };

/** Times inside `json_build_object` come out as text. */
export function viewOf({ nextOfRuns, ...stored }: ViewRow): JobView {
  const isActive = stored.status === 'pending' || stored.status === 'running';
  const nextRunAt = isActive ? (nextOfRuns ?? stored.nextRunAt) : null;
  const row = { ...stored, nextRunAt, nextHasRun: isActive && nextOfRuns !== null };
  const lastRun = row.lastRun as (Omit<LastRun, 'nominalAt' | 'startedAt' | 'endedAt'> & Record<string, string>) | null;
  if (!lastRun) return row;
  return {
    ...row,
    lastRun: {
      ...lastRun,
      nominalAt: new Date(lastRun.nominalAt ?? ''),
      startedAt: new Date(lastRun.startedAt ?? ''),
      endedAt: lastRun.endedAt ? new Date(lastRun.endedAt) : null,
    },
  };
}
