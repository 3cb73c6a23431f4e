import { listedJson, listedText, truncatedOf } from '../../database/listed-sql.js';
import { listedTextBytes } from '../../kernel/listed.js';
import { textsShare } from '../domain/listed-job.js';

/** Columns that a list may cut; their SQL is given by the name of the field. */
type Large = 'description' | 'payload' | 'pauseNote';
const columnsWith = (large: Record<Large, string>): string => `
  j.id, j.user_id AS "userId", j.name, ${large.description} AS description, j.type, j.handler, ${large.payload} AS payload, j.status,
  j.scheduled_at AS "scheduledAt", j.schedule, j.timezone, j.scheduled_local AS "scheduledLocal",
  j.overlap_policy AS "overlapPolicy", j.catchup,
  j.pause_after_failures AS "pauseAfterFailures", j.paused_at AS "pausedAt", j.paused_until AS "pausedUntil",
  ${large.pauseNote} AS "pauseNote", j.pause_reason AS "pauseReason", j.max_retries AS "maxRetries", j.retry_delay_ms AS "retryDelayMs",
  j.timeout_ms AS "timeoutMs", j.on_lost AS "onLost", j.notify_on_failure AS "notifyOnFailure",
  j.next_run_at AS "nextRunAt", j.planned_count AS "plannedCount", j.active_until AS "activeUntil",
  j.version, j.version_since AS "versionSince",
  j.created_at AS "createdAt", j.updated_at AS "updatedAt"`;

/** A `Job`, from `jobs j`. */
export const jobColumns = columnsWith({
  description: 'j.description',
  payload: 'j.payload',
  pauseNote: 'j.pause_note',
});

const isRunning = `EXISTS (SELECT FROM runs r WHERE r.job_id = j.id AND r.ended_at IS NULL AND r.state = 'running')`;

/** SQL of the large columns of `e`, the latest attempt of the latest run, and of further members of the object. */
interface LastAttempt {
  errorMessage: string;
  result: string;
  more?: string;
}
const viewWith = ({ errorMessage, result, more = '' }: LastAttempt): string => `
  CASE WHEN j.status = 'pending' AND ${isRunning} THEN 'running' ELSE j.status END AS status,
  (SELECT min(CASE r.state WHEN 'retrying' THEN r.due_at ELSE r.nominal_at END)
   FROM runs r WHERE r.job_id = j.id AND r.ended_at IS NULL AND r.state IN ('scheduled', 'retrying') AND r.trigger = 'schedule')
   AS "nextOfRuns",
  (SELECT json_build_object(
      'id', r.id, 'state', r.state, 'nominalAt', r.nominal_at, 'startedAt', r.started_at, 'endedAt', r.ended_at,
      'attempts', r.attempts, 'errorMessage', ${errorMessage}, 'result', ${result}${more})
   FROM runs r LEFT JOIN LATERAL (
     SELECT error_message, result FROM executions WHERE run_id = r.id ORDER BY lease_token DESC LIMIT 1
   ) e ON true
   WHERE r.job_id = j.id AND r.started_at IS NOT NULL
   ORDER BY r.nominal_at DESC LIMIT 1) AS "lastRun"`;

/** The columns of a `JobView` that come from the job's runs. From `jobs j`. */
export const viewColumns = viewWith({ errorMessage: 'e.error_message', result: 'e.result' });

/** As `jobColumns` and `viewColumns`, for an answer of up to `limit` jobs; `truncated`, there and in `lastRun`, names the cut fields. */
export function listedColumns(limit: number): string {
  const textBytes = listedTextBytes(limit, textsShare);
  const payload = listedJson('payload', 'j.payload');
  const description = listedText('description', 'j.description', textBytes);
  const pauseNote = listedText('pauseNote', 'j.pause_note', textBytes);
  const [error, result] = [listedText('errorMessage', 'e.error_message', textBytes), listedJson('result', 'e.result')];
  const columns = columnsWith({
    description: description.shown,
    payload: payload.shown,
    pauseNote: pauseNote.shown,
  });
  const view = viewWith({
    errorMessage: error.shown,
    result: result.shown,
    more: `, 'truncated', ${truncatedOf([error, result])}`,
  });
  return `${columns}, ${view}, ${truncatedOf([payload, description, pauseNote])} AS truncated`;
}
