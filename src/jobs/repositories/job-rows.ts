import type { Job, JobView, LastRun } from '../domain/job.js';

/** The job as a row of the table, for `jsonb_populate_record`. */
export const rowOf = (job: Job): Record<string, unknown> => ({
  id: job.id,
  user_id: job.userId,
  name: job.name,
  description: job.description,
  type: job.type,
  handler: job.handler,
  payload: job.payload,
  status: job.status,
  scheduled_at: job.scheduledAt,
  schedule: job.schedule,
  timezone: job.timezone,
  scheduled_local: job.scheduledLocal,
  overlap_policy: job.overlapPolicy,
  catchup: job.catchup,
  pause_after_failures: job.pauseAfterFailures,
  paused_at: job.pausedAt,
  paused_until: job.pausedUntil,
  pause_note: job.pauseNote,
  max_retries: job.maxRetries,
  retry_delay_ms: job.retryDelayMs,
  timeout_ms: job.timeoutMs,
  on_lost: job.onLost,
  notify_on_failure: job.notifyOnFailure,
  next_run_at: job.nextRunAt,
  planned_count: job.plannedCount,
  active_until: job.activeUntil,
  version: job.version,
  version_since: job.versionSince,
  created_at: job.createdAt,
  updated_at: job.updatedAt,
});

/** Times inside `jsonb_build_object` come out as text. */
export function viewOf(row: JobView): JobView {
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
