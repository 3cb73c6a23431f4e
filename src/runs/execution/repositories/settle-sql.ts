import { PreparedStatement } from '../../../database/statements/prepared-statement.js';
import type { SettledRun } from '../domain/settlement.js';

/** The settlement asks for a further attempt, but the run's cancellation was requested before the worker noticed. */
const isCancelled = 's.delay_ms IS NOT NULL AND r.cancel_requested_at IS NOT NULL';
const goesOn = 's.delay_ms IS NOT NULL AND r.cancel_requested_at IS NULL';

/** Measured from the statement's arrival, because the statement may wait for the lock of a run. */
const ago = (ms: string): string => `statement_timestamp() - ${ms} * interval '1 ms'`;

/** NULL for an attempt that never began. */
const started = `CASE WHEN s.status IS NULL THEN NULL
                     WHEN s.started_ago_ms IS NULL THEN r.attempt_started_at
                     ELSE ${ago('s.started_ago_ms')} END`;

/** An `UnusualRow` for each position in $1 that is not an `n` of `settled`. */
const unsettled = `
SELECT n, false AS settled, NULL AS state, NULL AS "dueInMs", NULL AS gated
FROM generate_series(1, cardinality($1::uuid[])) AS n
WHERE n NOT IN (SELECT settled.n FROM settled)`;

/** Ends the one-time jobs of the runs `settled`: such a job ends with its one scheduled run. @param status SQL */
const jobsEnd = (status: string): string => `
  UPDATE jobs j SET
    status = ${status},
    updated_at = clock_timestamp()
  FROM settled
  WHERE j.id = settled.job_id
    AND j.type = 'one_time'
    AND j.status IN ('pending', 'paused')
    AND settled.trigger = 'schedule'`;

/**
 * Ends attempts by compare-and-set on the lease token. All further parts read only the rows that passed it. An attempt that ends
 * its run is stored in the run's row; one that is followed by another gets a row of its own. Values that only those rows need are
 * read from the parameters by position `n`: carrying them through would cost time for each settlement. `unnest` fills an array that
 * is shorter than the first with nulls. Null means true for `counts`, false for `only_if_expired` and `notify`. So a value that is
 * the same for all of a batch, as in most batches, need not be sent, read and unnested.
 */
const text = `
WITH settlement AS (
  SELECT * FROM unnest(
    $1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::float8[], $7::boolean[],
    $10::text[], $11::json[], $12::float8[], $13::float8[], $14::boolean[], $15::boolean[]
  ) WITH ORDINALITY AS s (
    run_id, lease_token, state, reason, detail, delay_ms, counts,
    status, result, started_ago_ms, ended_ago_ms, only_if_expired, notify, n
  )
), settled AS (
  UPDATE runs r SET
    state = CASE WHEN ${isCancelled} THEN 'cancelled' ELSE s.state END,
    reason = CASE WHEN s.state = 'cancelled' OR ${isCancelled} THEN coalesce(r.reason, s.reason) ELSE s.reason END,
    reason_detail = s.detail,
    attempts = CASE WHEN s.counts IS NOT FALSE THEN r.attempts ELSE r.attempts - 1 END,
    attempt_status = CASE WHEN ${goesOn} THEN NULL ELSE s.status END,
    result = CASE WHEN ${goesOn} THEN NULL ELSE s.result END,
    started_at = CASE WHEN r.lease_token = 1 THEN ${started} ELSE r.started_at END,
    attempt_started_at = ${started},
    execution_started_at = CASE WHEN ${goesOn} THEN NULL ELSE ${started} END,
    lease_until = NULL,
    due_at = CASE WHEN ${goesOn} THEN clock_timestamp() + s.delay_ms * interval '1 ms' ELSE r.due_at END,
    ring_at = CASE WHEN ${goesOn} THEN clock_timestamp() + s.delay_ms * interval '1 ms' + $16::float8 * interval '1 ms'
                   ELSE r.ring_at END,
    rings = 1,
    ended_at = CASE WHEN ${goesOn} THEN NULL ELSE ${ago('s.ended_ago_ms')} END
  FROM settlement s
  WHERE r.id = s.run_id
    AND r.lease_token = s.lease_token
    AND r.state = 'running'
    AND (s.only_if_expired IS NOT TRUE OR r.lease_until < clock_timestamp())
  RETURNING r.id AS run_id, r.job_id, r.trigger, r.gated, r.attempts, r.attempt_started_at, r.state, r.worker_id,
    r.lease_token, CASE WHEN ${goesOn} THEN s.delay_ms END AS delay_ms,
    CASE WHEN r.state <> s.state THEN r.state END AS other_state, s.counts, s.notify, s.n
), recorded AS (
  INSERT INTO earlier_executions (id, run_id, job_id, attempt_number, status, due_at, started_at,
                                  completed_at, error_message, result, worker_id, lease_token)
  SELECT ($8::uuid[])[n], run_id, job_id, CASE WHEN counts IS NOT FALSE THEN attempts ELSE attempts + 1 END, ($10::text[])[n],
         ($9::timestamptz[])[n], attempt_started_at, ${ago('($13::float8[])[n]')},
         ($5::text[])[n], ($11::json[])[n], worker_id, lease_token
  FROM settled
  WHERE delay_ms IS NOT NULL
), job_ended AS (${jobsEnd(`CASE settled.state WHEN 'succeeded' THEN 'completed' ELSE settled.state END`)}
    AND settled.state IN ('succeeded', 'failed', 'cancelled')
), owed AS (
  INSERT INTO failure_notices (run_id) SELECT run_id FROM settled WHERE state = 'failed' AND notify
  ON CONFLICT DO NOTHING
)
${unsettled}
UNION ALL
SELECT n::integer, true, other_state, delay_ms, gated FROM settled
WHERE gated OR delay_ms IS NOT NULL OR other_state IS NOT NULL`;

/**
 * The result of settlement number `n` (from 1). Only exceptions get a row: a fenced settlement, a retry, a changed state, a gated
 * run. No row means: committed as requested, ungated, ended.
 */
export type UnusualRow = Pick<SettledRun, 'dueInMs' | 'gated'> & {
  n: number;
  /** false: the settlement was fenced, and the other members are null. */
  settled: boolean;
  /** null: the requested state. */
  state: SettledRun['state'] | null;
};

/**
 * Selects the attempts of $1 (runs), $2 (lease tokens), $3 (how they ended; null: never begun) whose settlement is committed. The
 * token alone does not prove it: the recoverer settles a lost attempt with the same token.
 */
export const committedSettlements = `
SELECT r.id AS "runId", r.job_id AS "jobId", r.state, r.gated,
       CASE WHEN r.state IN ('scheduled', 'retrying')
            THEN greatest(extract(epoch FROM r.due_at - clock_timestamp()) * 1000, 0)::float8 END AS "dueInMs"
FROM unnest($1::uuid[], $2::bigint[], $3::text[]) AS s (run_id, lease_token, status)
JOIN runs r ON r.id = s.run_id
WHERE (r.lease_token = s.lease_token AND r.ended_at IS NOT NULL AND r.attempt_status IS NOT DISTINCT FROM s.status)
   OR EXISTS (SELECT FROM earlier_executions e
              WHERE e.run_id = s.run_id AND e.lease_token = s.lease_token AND e.status = s.status)`;

export const settleStatement = new PreparedStatement<UnusualRow>('settle', text);

/**
 * Settles attempts that have succeeded, as nearly all do. It decides nothing for each row, which saves a quarter of the cost of a
 * settlement. $1 runs, $2 lease tokens, $3 and $4 how many ms ago they started and ended, $5 results. `unnest` fills an array that
 * is shorter than the first with nulls.
 */
export const settleSuccessesStatement = new PreparedStatement<UnusualRow>(
  'settle_successes',
  `
WITH settled AS (
  UPDATE runs r SET
    state = 'succeeded',
    reason = 'completed',
    reason_detail = NULL,
    attempt_status = 'succeeded',
    result = s.result,
    started_at = CASE WHEN r.lease_token = 1 THEN ${ago('s.started_ago_ms')} ELSE r.started_at END,
    attempt_started_at = ${ago('s.started_ago_ms')},
    execution_started_at = ${ago('s.started_ago_ms')},
    lease_until = NULL,
    rings = 1,
    ended_at = ${ago('s.ended_ago_ms')}
  FROM unnest($1::uuid[], $2::bigint[], $3::float8[], $4::float8[], $5::json[]) WITH ORDINALITY
    AS s (run_id, lease_token, started_ago_ms, ended_ago_ms, result, n)
  WHERE r.id = s.run_id
    AND r.lease_token = s.lease_token
    AND r.state = 'running'
  RETURNING r.job_id, r.trigger, r.gated, s.n
), job_ended AS (${jobsEnd(`'completed'`)}
)
${unsettled}
UNION ALL
SELECT n::integer, true, NULL, NULL, true FROM settled WHERE gated`,
);
