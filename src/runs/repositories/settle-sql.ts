/** A further attempt was wanted, but somebody has asked for the run's end meanwhile: the worker may not have heard yet. */
const isCancelled = 's.delay_ms IS NOT NULL AND r.cancel_requested_at IS NOT NULL';
const goesOn = 's.delay_ms IS NOT NULL AND r.cancel_requested_at IS NULL';

/** Ends attempts by compare-and-set on the lease token: everything that follows reads only what that let through. */
export const settleStatement = `
WITH settlement AS (
  SELECT * FROM unnest(
    $1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::float8[], $7::boolean[],
    $8::uuid[], $9::integer[], $10::timestamptz[], $11::text[], $12::text[], $13::text[], $14::jsonb[],
    $15::float8[], $16::float8[], $17::boolean[], $18::boolean[]
  ) AS s (
    run_id, lease_token, state, reason, detail, delay_ms, counts,
    execution_id, attempt, due_at, worker_id, status, error_message, result,
    started_ago_ms, ended_ago_ms, only_if_expired, notify
  )
), settled AS (
  UPDATE runs r SET
    state = CASE WHEN ${isCancelled} THEN 'cancelled' ELSE s.state END,
    reason = CASE WHEN s.state = 'cancelled' OR ${isCancelled} THEN coalesce(r.reason, s.reason) ELSE s.reason END,
    reason_detail = s.detail,
    attempts = CASE WHEN s.counts THEN r.attempts ELSE r.attempts - 1 END,
    lease_until = NULL,
    due_at = CASE WHEN ${goesOn} THEN clock_timestamp() + s.delay_ms * interval '1 ms' ELSE r.due_at END,
    ring_at = CASE WHEN ${goesOn} THEN clock_timestamp() + s.delay_ms * interval '1 ms' + $19 * interval '1 ms'
                   ELSE r.ring_at END,
    rings = 1,
    ended_at = CASE WHEN ${goesOn} THEN NULL ELSE clock_timestamp() - s.ended_ago_ms * interval '1 ms' END
  FROM settlement s
  WHERE r.id = s.run_id
    AND r.lease_token = s.lease_token
    AND r.state = 'running'
    AND (NOT s.only_if_expired OR r.lease_until < clock_timestamp())
  RETURNING r.id AS run_id, r.job_id, r.trigger, r.gated, r.attempt_started_at, r.state, s.lease_token,
    CASE WHEN ${goesOn} THEN s.delay_ms END AS delay_ms,
    s.execution_id, s.attempt, s.due_at, s.worker_id, s.status, s.error_message, s.result,
    s.started_ago_ms, s.ended_ago_ms, s.notify
), recorded AS (
  INSERT INTO executions (id, run_id, job_id, attempt_number, status, due_at, started_at, completed_at,
                          error_message, result, worker_id, lease_token)
  SELECT execution_id, run_id, job_id, attempt, status, due_at,
         CASE WHEN started_ago_ms IS NULL THEN attempt_started_at
              ELSE clock_timestamp() - started_ago_ms * interval '1 ms' END,
         clock_timestamp() - ended_ago_ms * interval '1 ms',
         error_message, result, worker_id, lease_token
  FROM settled
), job_ended AS (
  UPDATE jobs j SET
    status = CASE settled.state WHEN 'succeeded' THEN 'completed' ELSE settled.state END,
    updated_at = clock_timestamp()
  FROM settled
  WHERE j.id = settled.job_id
    AND j.type = 'one_time'
    AND j.status IN ('pending', 'paused')
    AND settled.trigger = 'schedule'
    AND settled.state IN ('succeeded', 'failed', 'cancelled')
), owed AS (
  INSERT INTO failure_notices (run_id) SELECT run_id FROM settled WHERE state = 'failed' AND notify
  ON CONFLICT DO NOTHING
)
SELECT run_id AS "runId", job_id AS "jobId", state, delay_ms AS "dueInMs", gated FROM settled`;
