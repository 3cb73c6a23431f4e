import { databaseNow } from '../../../database/clock-sql.js';
import { firstIdAt } from '../../../database/id-sql.js';
import { amongMany } from '../../repositories/list-sql.js';

/** SQL of the time so many ms ago; null for a null age. */
const ago = (ageMs: string): string => `${databaseNow} - ${ageMs}::float8 * interval '1 ms'`;

/** SQL of whether the run `r` has ended, and is older than its age: `isOld` of the domain. */
const isOld = (runsMs: string, failedMs: string): string => `
  coalesce(r.ended_at < CASE r.state WHEN 'failed' THEN ${ago(failedMs)}
                                                               ELSE ${ago(runsMs)} END, false)`;

/** What goes with runs, in common table expressions; `gone` has their ids. */
const withRuns = `
  attempts AS (DELETE FROM earlier_executions WHERE run_id = ANY (ARRAY(SELECT id FROM gone))),
  lines AS (DELETE FROM log_lines WHERE run_id = ANY (ARRAY(SELECT id FROM gone))),
  notices AS (DELETE FROM failure_notices WHERE run_id = ANY (ARRAY(SELECT id FROM gone)))`;

/** Moves a mark over what is in `gone`. Jobs come in order, so that two who prune cannot wait for each other. */
const marked = (column: string, trigger: string): string => `
  marked AS (
    INSERT INTO pruned_histories (job_id, ${column})
    SELECT job_id, max(coalesce(nominal_until, nominal_at)) FROM gone
    WHERE trigger = '${trigger}' GROUP BY job_id ORDER BY job_id
    ON CONFLICT (job_id) DO UPDATE SET
      ${column} = greatest(pruned_histories.${column}, excluded.${column}))`;

/**
 * $1 where to begin, $2 most runs to look at, $3 and $4 ages in ms, $5 and $6 attempts that are kept: at least so many,
 * and at most. `mayGo` of the domain says the same.
 *
 * Rows are found by arrays of ids rather than by joins: with a join the planner, which cannot know how few rows a common
 * table expression has, may read the whole table.
 */
export const pruneRunsStatement = `
WITH slice AS MATERIALIZED (
  SELECT r.id, r.job_id, r.trigger, r.nominal_at, r.nominal_until, r.started_at, r.ended_at,
         r.trigger <> 'backfill' AND ${isOld('$3', '$4')} AS is_old
  FROM runs r
  WHERE r.id > $1 AND r.id < ${firstIdAt(ago('least($3::float8, $4::float8)'))}
  ORDER BY r.id LIMIT $2
), keeping AS MATERIALIZED (
  SELECT j.id AS job_id,
         (SELECT min(r.nominal_at) FROM runs r
          WHERE r.job_id = j.id AND r.trigger = 'schedule' AND r.ended_at IS NULL) AS live_from,
         CASE WHEN j.type = 'recurring' AND j.status IN ('pending', 'paused') THEN coalesce(
           (SELECT started_at FROM (
              (SELECT e.started_at FROM earlier_executions e WHERE e.job_id = j.id
               ORDER BY e.started_at DESC LIMIT kept.attempts)
              UNION ALL
              (SELECT r.execution_started_at FROM runs r WHERE r.job_id = j.id AND ${amongMany}
               ORDER BY r.execution_started_at DESC LIMIT kept.attempts)) AS latest (started_at)
            ORDER BY started_at DESC OFFSET kept.attempts - 1 LIMIT 1), '-infinity') END AS kept_from
  FROM jobs j CROSS JOIN LATERAL (
    SELECT least(greatest($5::bigint, coalesce(j.pause_after_failures, 0) * (j.max_retries + 1)), $6::bigint) AS attempts
  ) AS kept
  WHERE j.id = ANY (ARRAY(SELECT DISTINCT job_id FROM slice WHERE is_old))
), aged AS (
  SELECT s.id FROM slice s JOIN keeping k ON k.job_id = s.job_id
  WHERE s.is_old
    AND (s.trigger <> 'schedule' OR k.live_from IS NULL OR coalesce(s.nominal_until, s.nominal_at) < k.live_from)
    AND (s.started_at IS NULL OR k.kept_from IS NULL OR s.ended_at < k.kept_from)
), doomed AS (
  SELECT r.id FROM runs r WHERE r.id = ANY (ARRAY(SELECT id FROM aged)) FOR UPDATE SKIP LOCKED
), gone AS (
  DELETE FROM runs WHERE id = ANY (ARRAY(SELECT id FROM doomed))
  RETURNING id, job_id, trigger, nominal_at, nominal_until
), ${withRuns}, ${marked('scheduled_until', 'schedule')}
SELECT (SELECT count(*) FROM gone)::integer AS deleted,
       (SELECT id FROM slice ORDER BY id OFFSET $2 - 1 LIMIT 1) AS next`;

/** Locks the jobs that may go. $1 where to begin, $2 most jobs to look at, $3 and $4 ages of runs in ms, $5 of jobs. */
export const lockOldJobsStatement = `
WITH slice AS MATERIALIZED (
  SELECT j.id, j.type = 'one_time' AND j.status IN ('completed', 'failed', 'cancelled')
               AND j.updated_at < ${ago('$5')} AS is_old
  FROM jobs j
  WHERE j.id > $1 AND j.id < ${firstIdAt(ago('$5'))}
  ORDER BY j.id LIMIT $2
), locked AS (
  SELECT j.id FROM jobs j
  WHERE j.id = ANY (ARRAY(SELECT id FROM slice WHERE is_old)) AND j.updated_at < ${ago('$5')}
    AND NOT EXISTS (SELECT FROM runs r WHERE r.job_id = j.id AND NOT ${isOld('$3', '$4')})
  FOR UPDATE SKIP LOCKED
)
SELECT ARRAY(SELECT id FROM locked) AS ids,
       (SELECT id FROM slice ORDER BY id OFFSET $2 - 1 LIMIT 1) AS next`;

/** Deletes the history of locked jobs, $1, unless somebody started a run before they were locked. $2 and $3: ages of runs. */
export const pruneJobHistoriesStatement = `
WITH doomed AS MATERIALIZED (
  SELECT d.id FROM unnest($1::uuid[]) AS d (id)
  WHERE NOT EXISTS (SELECT FROM runs r WHERE r.job_id = d.id AND NOT ${isOld('$2', '$3')})
), gone AS (
  DELETE FROM runs WHERE job_id = ANY (ARRAY(SELECT id FROM doomed)) RETURNING id
), notices AS (
  DELETE FROM failure_notices WHERE run_id = ANY (ARRAY(SELECT id FROM gone))
), attempts AS (
  DELETE FROM earlier_executions WHERE job_id = ANY (ARRAY(SELECT id FROM doomed))
), lines AS (
  DELETE FROM log_lines WHERE job_id = ANY (ARRAY(SELECT id FROM doomed))
), versions AS (
  DELETE FROM job_versions WHERE job_id = ANY (ARRAY(SELECT id FROM doomed))
)
SELECT ARRAY(SELECT id FROM doomed) AS ids`;

/** Ended backfills older than $2 ms. */
const isOldBackfill = (backfill: string): string =>
  `${backfill}.state <> 'running' AND ${backfill}.ended_at < ${ago('$2')}`;

/** Locks the job of the first old backfill after $1, as who starts one does. */
export const lockOldBackfillStatement = `
  SELECT b.id FROM backfills b JOIN jobs j ON j.id = b.job_id
  WHERE b.id > $1 AND b.id < ${firstIdAt(ago('$2'))} AND ${isOldBackfill('b')}
  ORDER BY b.id LIMIT 1
  FOR NO KEY UPDATE OF j SKIP LOCKED`;

/** Deletes up to $3 of the runs that backfill $1 made and no backfill that stays covers, if they ended $2 ms ago. */
export const pruneBackfilledStatement = `
WITH doomed AS (
  SELECT r.id FROM backfills b JOIN runs r
    ON r.job_id = b.job_id AND r.trigger = 'backfill' AND r.nominal_at >= b.range_from AND r.nominal_at < b.range_to
  WHERE b.id = $1 AND ${isOld('$2', '$2')}
    AND NOT EXISTS (
      SELECT FROM backfills other
      WHERE other.job_id = b.job_id AND other.range_from <= r.nominal_at AND r.nominal_at < other.range_to
        AND NOT (${isOldBackfill('other')}))
  LIMIT $3
  FOR UPDATE OF r SKIP LOCKED
), gone AS (
  DELETE FROM runs WHERE id = ANY (ARRAY(SELECT id FROM doomed))
  RETURNING id, job_id, trigger, nominal_at, nominal_until
), ${withRuns}, ${marked('backfilled_until', 'backfill')}
SELECT count(*)::integer AS deleted FROM gone`;

/** Deletes backfill $1 once nothing is left of it but what another covers. */
export const pruneBackfillStatement = `
  DELETE FROM backfills b
  WHERE b.id = $1 AND NOT EXISTS (
    SELECT FROM runs r
    WHERE r.job_id = b.job_id AND r.trigger = 'backfill' AND r.nominal_at >= b.range_from AND r.nominal_at < b.range_to
      AND NOT EXISTS (
        SELECT FROM backfills other
        WHERE other.job_id = b.job_id AND other.id <> b.id
          AND other.range_from <= r.nominal_at AND r.nominal_at < other.range_to))`;
