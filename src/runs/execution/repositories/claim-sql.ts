import { PreparedStatement } from '../../../database/statements/prepared-statement.js';
import { ringAfterStart } from '../../../database/running-runs-sql.js';
import type { ClaimedRun } from '../../domain/claimed-run.js';
import { jobLetsStart } from '../../repositories/start-sql.js';

/**
 * The assignments that start an attempt. The lease begins at the attempt's start, even when the claim is made ahead of it. The
 * recoverer finds runs by `ring_at`, so `ring_at` must not be later than the end of the lease. In most cases it does not change,
 * and so no index changes (HOT). The job `j` gives the version that the attempt runs under.
 * @param worker SQL of the worker's id @param lease SQL of the lease, an interval @param start SQL of the attempt's start
 */
export const startAttempt = (
  worker: string,
  lease: string,
  start = 'greatest(clock_timestamp(), r.due_at)',
): string => `
  state = 'running',
  reason = NULL,
  reason_detail = NULL,
  attempts = r.attempts + 1,
  lease_token = r.lease_token + 1,
  worker_id = ${worker},
  lease_until = ${start} + ${lease},
  ring_at = least(r.ring_at, ${start} + least(${lease}, ${ringAfterStart})),
  attempt_started_at = ${start},
  started_at = coalesce(r.started_at, ${start}),
  ran_version = j.version`;

/** A `ClaimedRun` whose times are ms since 1970: parsing times as text would take longer than the rest of the row. */
export type ClaimedRow = Omit<ClaimedRun, 'nominalAt' | 'dueAt' | 'claimedAtMs'> & { nominalMs: number; dueMs: number };

/** The columns of a `ClaimedRow`, from `runs r` and `jobs j`. */
export const claimedColumns = `
  r.id AS "runId", r.job_id AS "jobId", j.user_id AS "userId", j.name AS "jobName", j.type AS "jobType",
  j.handler, coalesce(r.payload, j.payload) AS payload, r.trigger,
  date_part('epoch', r.nominal_at) * 1000 AS "nominalMs", date_part('epoch', r.due_at) * 1000 AS "dueMs",
  date_part('epoch', r.due_at - clock_timestamp()) * 1000 AS "waitMs",
  r.attempts AS attempt, j.max_retries AS "maxRetries", j.retry_delay_ms AS "retryDelayMs",
  j.timeout_ms AS "timeoutMs", j.on_lost AS "onLost", j.notify_on_failure AS "notifyOnFailure",
  r.lease_token AS "leaseToken"`;

/** Whole ms, as the driver reads times: microseconds are cut off. The 0.01 ms covers the rounding error of the float. */
const dateOf = (ms: number): Date => new Date(ms + 0.01);

/** Copies member by member: a spread without the times would take longer than all other work for a row. */
export const claimedRun = (row: ClaimedRow): ClaimedRun => ({
  runId: row.runId,
  jobId: row.jobId,
  userId: row.userId,
  jobName: row.jobName,
  jobType: row.jobType,
  handler: row.handler,
  payload: row.payload,
  trigger: row.trigger,
  nominalAt: dateOf(row.nominalMs),
  dueAt: dateOf(row.dueMs),
  waitMs: row.waitMs,
  claimedAtMs: row.dueMs - row.waitMs,
  attempt: row.attempt,
  maxRetries: row.maxRetries,
  retryDelayMs: row.retryDelayMs,
  timeoutMs: row.timeoutMs,
  onLost: row.onLost,
  notifyOnFailure: row.notifyOnFailure,
  leaseToken: row.leaseToken,
});

/** An interval of `parameter` ms. PostgreSQL evaluates a subselect without a table once for the statement, not for each row. */
const ms = (parameter: string): string => `(SELECT ${parameter}::float8 * interval '1 ms')`;

/**
 * $1 ids of runs, $2 the worker, $3 its lease in ms, $4 ms ahead. SKIP LOCKED keeps two doorbells of one run from waiting for each
 * other. The update finds a locked row by its `ctid` and takes the job's columns from the subquery, which saves two index look-ups
 * for each run. A row version that was written after the statement began is locked but not found: such a run is offered again.
 */
export const claimStatement = new PreparedStatement<ClaimedRow>(
  'claim',
  `UPDATE runs r SET ${startAttempt('$2::text', ms('$3'), 'j.start')}
   FROM (
     SELECT r.ctid AS place, greatest(clock_timestamp(), r.due_at) AS start,
            j.user_id, j.name, j.type, j.handler, j.payload, j.max_retries, j.retry_delay_ms, j.timeout_ms, j.on_lost,
            j.notify_on_failure, j.version
     FROM runs r JOIN jobs j ON j.id = r.job_id
     WHERE r.id = ANY ($1::uuid[])
       AND r.state IN ('scheduled', 'retrying')
       AND NOT r.gated
       AND r.due_at <= clock_timestamp() + ${ms('$4')}
       AND ${jobLetsStart}
     FOR NO KEY UPDATE OF r SKIP LOCKED
   ) AS j
   WHERE r.ctid = j.place
   RETURNING ${claimedColumns}`,
);
