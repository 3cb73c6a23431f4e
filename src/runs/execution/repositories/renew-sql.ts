/**
 * Renews leases $1 (runs), $2 (lease tokens) for $3 ms. A run that another transaction has locked is skipped, not waited for. The
 * last query looks up the renewed runs in a hash. In a join, the planner would expect few of them and might compare each with
 * each, which takes seconds for a few thousand.
 */
export const renewStatement = `
WITH free AS (
  SELECT r.id FROM unnest($1::uuid[], $2::bigint[]) AS held (run_id, lease_token)
  JOIN runs r ON r.id = held.run_id AND r.lease_token = held.lease_token AND r.state = 'running'
  FOR NO KEY UPDATE OF r SKIP LOCKED
), renewed AS (
  UPDATE runs r SET lease_until = clock_timestamp() + $3 * interval '1 ms'
  FROM free
  WHERE r.id = free.id
  RETURNING r.id
)
SELECT r.id AS "runId", r.cancel_requested_at IS NOT NULL AS "cancelRequested", r.id IN (SELECT id FROM renewed) AS renewed
FROM unnest($1::uuid[], $2::bigint[]) AS held (run_id, lease_token)
JOIN runs r ON r.id = held.run_id AND r.lease_token = held.lease_token AND r.state = 'running'`;
