import { PreparedStatement } from '../../../database/statements/prepared-statement.js';
import { ringAfterStart } from '../../../database/running-runs-sql.js';
import type { ClaimedRun } from '../../domain/claimed-run.js';
import { jobLetsStart } from '../../repositories/start-sql.js';

/**
 * The assignments that start an attempt. The lease is counted from the start, not from a claim made ahead of it. The
 * recoverer finds runs by `ring_at`, so it must not be later than the lease; mostly it stays, and no index changes (HOT).
 * The job `j` gives the version that it runs under.
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

/** A `ClaimedRun` but for its times, which come as ms since 1970: reading them as text takes longer than all else of a row. */
export type ClaimedRow = Omit<ClaimedRun, 'nominalAt' | 'dueAt' | 'claimedAtMs'> & { nominalMs: number; dueMs: number };

/** A `ClaimedRow`, from `runs r` and `jobs j`. */
export const claimedColumns = `
  r.id AS "runId", r.job_id AS "jobId", j.user_id AS "userId", j.name AS "jobName", j.type AS "jobType",
  j.handler, coalesce(r.payload, j.payload) AS payload, r.trigger,
  date_part('epoch', r.nominal_at) * 1000 AS "nominalMs", date_part('epoch', r.due_at) * 1000 AS "dueMs",
  date_part('epoch', r.due_at - clock_timestamp()) * 1000 AS "waitMs",
  r.attempts AS attempt, j.max_retries AS "maxRetries", j.retry_delay_ms AS "retryDelayMs",
  j.timeout_ms AS "timeoutMs", j.on_lost AS "onLost", j.notify_on_failure AS "notifyOnFailure",
  r.lease_token AS "leaseToken"`;

/** Whole ms, as the driver reads times: microseconds are cut off, and so is the hair by which a float may fall short. */
const dateOf = (ms: number): Date => new Date(ms + 0.01);

/** Member by member: a copy of all but the times would take longer than all else that is done for a row. */
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

/** An interval of so many ms. A subselect without a table is evaluated once for the statement, not for each row. */
const ms = (parameter: string): string => `(SELECT ${parameter}::float8 * interval '1 ms')`;

/**
 * $1 ids of runs, $2 the worker, $3 its lease in ms, $4 ms ahead. SKIP LOCKED keeps two doorbells of one run from waiting.
 * A locked row is found again by its place, and what its job says is passed on: that saves two looks into indexes for each
 * run. A version that came into being after the statement began is locked, but not found: such a run is offered again.
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
