import { listedJson, listedText, truncatedOf } from '../../database/listed-sql.js';
import { listedTextBytes } from '../../kernel/listed.js';

/** Whose history is asked for: a column of `executions` and `log_lines`, and the one of `runs` that holds the same. */
export interface Owner {
  column: 'job_id' | 'run_id';
  runColumn: 'job_id' | 'id';
  id: string;
}

export const ownerOf = (of: { jobId: string } | { runId: string }): Owner =>
  'jobId' in of
    ? { column: 'job_id', runColumn: 'job_id', id: of.jobId }
    : { column: 'run_id', runColumn: 'id', id: of.runId };

/**
 * Of the last attempts of a job, those that there may be many of: `runs_by_execution` has them in order. The scheduled run of
 * a one-time job, which passes no gate, is none of them: it is found by its job, and its end writes nothing to that index.
 */
export const amongMany = `attempt_status IS NOT NULL AND (gated OR trigger <> 'schedule')`;
/** The other ones, of job $1. Not asked for of a recurring job, which has none, but many runs. */
const theOnly = `attempt_status IS NOT NULL AND NOT gated AND trigger = 'schedule'
       AND EXISTS (SELECT FROM jobs WHERE id = $1 AND type = 'one_time')`;

/** Which runs' rows are ended executions of $1, in parts that each are read by an index in order of start. */
const lastAttempts = ({ column, runColumn }: Owner): string[] =>
  (column === 'job_id' ? [amongMany, theOnly] : ['attempt_status IS NOT NULL']).map(
    (which) => `runs WHERE ${runColumn} = $1 AND ${which}`,
  );

const endedColumns = `id, run_id, job_id, attempt_number, status, due_at, started_at, completed_at, error_message, result,
  worker_id, lease_token`;

/**
 * The first of what the view `executions` has of $1, by start. Each of its two tables is read in the order of an index as
 * far as needed: through the view, PostgreSQL would sort all of them.
 */
const endedExecutions = (owner: Owner, order: 'ASC' | 'DESC', first: string): string => `
  SELECT ${endedColumns} FROM (
    (SELECT ${endedColumns} FROM earlier_executions WHERE ${owner.column} = $1 ORDER BY started_at ${order} ${first})
    ${lastAttempts(owner)
      .map(
        (runs) => `UNION ALL
    (SELECT id, id, job_id, attempts, attempt_status, due_at, execution_started_at, ended_at, reason_detail, result,
            worker_id, lease_token
     FROM ${runs} ORDER BY execution_started_at ${order} ${first})`,
      )
      .join('\n    ')}
  ) AS ended (${endedColumns})
  ORDER BY started_at ${order} ${first}`;

/** An `Execution`, of which SQL says the parts that may be large. */
const executionColumns = (errorMessage: string, result: string): string => `
  id, run_id AS "runId", job_id AS "jobId", attempt_number AS "attemptNumber", status, due_at AS "dueAt",
  started_at AS "startedAt", completed_at AS "completedAt", ${errorMessage} AS "errorMessage", ${result} AS result,
  worker_id AS "workerId", lease_token AS "leaseToken"`;

const liveAttempt = `
  SELECT id, id, job_id, attempts, 'running', due_at, attempt_started_at, NULL::timestamptz, NULL, NULL::json, worker_id, lease_token
  FROM runs`;

/** Attempt $2 of run $1. */
export const oneExecution = `
  SELECT ${executionColumns('error_message', 'result')} FROM (
    SELECT ${endedColumns} FROM executions WHERE run_id = $1 AND attempt_number = $2
    UNION ALL
    ${liveAttempt} WHERE id = $1 AND attempts = $2 AND ended_at IS NULL AND state = 'running') AS attempts
  ORDER BY lease_token DESC LIMIT 1`;

/**
 * A page of `ListedExecution`, ended or under way: $2 rows, which are at most `limit`, after $3. Both parts come in order, so
 * that only a page is sorted.
 */
export function executionsPage(owner: Owner, limit: number): string {
  const error = listedText('errorMessage', 'error_message', listedTextBytes(limit));
  const result = listedJson('result', 'result');
  return `
  SELECT ${executionColumns(error.shown, result.shown)}, ${truncatedOf([result, error])} AS truncated
  FROM (
    SELECT * FROM (
      (${endedExecutions(owner, 'DESC', 'LIMIT $2::bigint + $3::bigint')})
      UNION ALL
      ${liveAttempt} WHERE ${owner.runColumn} = $1 AND ended_at IS NULL AND state = 'running') AS attempts
    ORDER BY started_at DESC LIMIT $2::bigint + $3::bigint) AS latest
  ORDER BY started_at DESC, lease_token DESC
  LIMIT $2 OFFSET $3`;
}

/** How many attempts $1 has, those that have ended counted up to $2. */
export const executionsCount = (owner: Owner): string => `
  SELECT (${endedCount(owner)} + ${runningCount(owner)})::integer AS total`;

const endedCount = (owner: Owner): string => `(
  (SELECT count(*) FROM (
     SELECT FROM earlier_executions WHERE ${owner.column} = $1 ORDER BY started_at LIMIT $2) AS earlier)
  ${lastAttempts(owner)
    .map((runs) => `+ (SELECT count(*) FROM (SELECT FROM ${runs} ORDER BY execution_started_at LIMIT $2) AS last)`)
    .join('\n  ')})`;
const runningCount = ({ runColumn }: Owner): string =>
  `(SELECT count(*) FROM runs WHERE ${runColumn} = $1 AND ended_at IS NULL AND state = 'running')`;

/** As `shownWorker` of the domain. */
const shownWorker = `regexp_replace(worker_id, '^.*:', '')`;

/**
 * What there is to read of $1: the start and the end of an attempt are told by its execution; only handlers' own words are
 * stored. An attempt ends after it has started, so the first $2 lines lie among the first $2 of each of these.
 */
const lines = (owner: Owner): string => `
  WITH first AS (
    ${endedExecutions(owner, 'ASC', 'FETCH FIRST $2 ROWS WITH TIES')}
  ), line AS (
    (SELECT id::text, run_id, job_id, timestamp, level, status, message, error FROM log_lines WHERE ${owner.column} = $1
     ORDER BY timestamp, id LIMIT $2)
    UNION ALL
    SELECT id || '-start', run_id, job_id, started_at, 'info', 'running',
           format('Attempt %s started on %s', attempt_number, ${shownWorker}), NULL
    FROM first
    UNION ALL
    SELECT id || '-end', run_id, job_id, completed_at,
           CASE status WHEN 'succeeded' THEN 'info' WHEN 'cancelled' THEN 'warn' WHEN 'released' THEN 'warn'
                       ELSE 'error' END,
           status,
           format('Attempt %s %s after %s ms', attempt_number, replace(status, '_', ' '),
                  round(extract(epoch FROM completed_at - started_at) * 1000)),
           error_message
    FROM first
    UNION ALL
    SELECT id || '-live', id, job_id, attempt_started_at, 'info', 'running',
           format('Attempt %s started on %s', attempts, ${shownWorker}), NULL
    FROM runs WHERE ${owner.runColumn} = $1 AND ended_at IS NULL AND state = 'running'
  )`;

/** A page of `ListedLogLine`, the oldest first: the lines after $3 up to the one numbered $2, which are at most `limit`. */
export function linesPage(owner: Owner, limit: number): string {
  const texts = ['message', 'error'].map((column) => listedText(column, column, listedTextBytes(limit)));
  return `${lines(owner)}
  SELECT id, run_id AS "runId", job_id AS "jobId", timestamp, level, status,
         ${texts.map(({ shown, field }) => `${shown} AS ${field}`).join(', ')}, ${truncatedOf(texts)} AS truncated
  FROM (SELECT * FROM line ORDER BY timestamp, id LIMIT $2::bigint - $3::bigint OFFSET $3) AS page
  ORDER BY timestamp, id`;
}

/** How many lines $1 has, each part counted up to $2. */
export const linesCount = (owner: Owner): string => `
  SELECT ((SELECT count(*) FROM (SELECT FROM log_lines WHERE ${owner.column} = $1 LIMIT $2) AS written)
          + 2 * ${endedCount(owner)} + ${runningCount(owner)})::integer AS total`;
