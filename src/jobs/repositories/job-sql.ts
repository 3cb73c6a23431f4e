/** A `Job`, from `jobs j`. */
export const jobColumns = `
  j.id, j.user_id AS "userId", j.name, j.description, j.type, j.handler, j.payload, j.status,
  j.scheduled_at AS "scheduledAt", j.schedule, j.timezone, j.scheduled_local AS "scheduledLocal",
  j.overlap_policy AS "overlapPolicy", j.catchup,
  j.pause_after_failures AS "pauseAfterFailures", j.paused_at AS "pausedAt", j.paused_until AS "pausedUntil",
  j.pause_note AS "pauseNote", j.pause_reason AS "pauseReason", j.max_retries AS "maxRetries", j.retry_delay_ms AS "retryDelayMs",
  j.timeout_ms AS "timeoutMs", j.on_lost AS "onLost", j.notify_on_failure AS "notifyOnFailure",
  j.next_run_at AS "nextRunAt", j.planned_count AS "plannedCount", j.active_until AS "activeUntil",
  j.version, j.version_since AS "versionSince",
  j.created_at AS "createdAt", j.updated_at AS "updatedAt"`;

const isRunning = `EXISTS (SELECT FROM runs r WHERE r.job_id = j.id AND r.ended_at IS NULL AND r.state = 'running')`;

/** What people see where it differs from what is stored: what only the runs know. From `jobs j`. */
export const viewColumns = `
  CASE WHEN j.status = 'pending' AND ${isRunning} THEN 'running' ELSE j.status END AS status,
  (SELECT min(CASE r.state WHEN 'retrying' THEN r.due_at ELSE r.nominal_at END)
   FROM runs r WHERE r.job_id = j.id AND r.ended_at IS NULL AND r.state IN ('scheduled', 'retrying') AND r.trigger = 'schedule')
   AS "nextOfRuns",
  (SELECT json_build_object(
      'id', r.id, 'state', r.state, 'nominalAt', r.nominal_at, 'startedAt', r.started_at, 'endedAt', r.ended_at,
      'attempts', r.attempts, 'errorMessage', e.error_message, 'result', e.result)
   FROM runs r LEFT JOIN LATERAL (
     SELECT error_message, result FROM executions WHERE run_id = r.id ORDER BY lease_token DESC LIMIT 1
   ) e ON true
   WHERE r.job_id = j.id AND r.started_at IS NOT NULL
   ORDER BY r.nominal_at DESC LIMIT 1) AS "lastRun"`;
