import { firstIdAt } from '../../../database/id-sql.js';
import { jobLetsStart } from '../../repositories/start-sql.js';

export interface InvariantCheck {
  check: string;
  invariant: string;
  /**
   * Selects `id` and `detail` of each offender from `audited` (the runs in question), `ended` (their executions) and
   * `audited_jobs`. $3 is the grace for expired leases in ms.
   */
  offenders: string;
}

/** Times are compared to the millisecond: a start is reckoned back from its settlement. */
const slack = `interval '1 ms'`;

/**
 * The executions of `r`, looked up one run after the other: a join of both sets, on a table whose statistics are old, has the
 * planner read everything again for each run. OFFSET 0 keeps the planner from making it such a join.
 */
const itsExecutions = 'LATERAL (SELECT x.* FROM executions x WHERE x.run_id = r.id OFFSET 0) AS e';

const neighbours = `
  SELECT run_id, attempt_number, lease_token, started_at, completed_at,
         lead(started_at) OVER later AS next_started_at, lead(lease_token) OVER later AS next_token
  FROM ended WINDOW later AS (PARTITION BY run_id ORDER BY lease_token)`;

const counted = `
  SELECT r.id, r.state, r.attempts, r.lease_token, r.lease_token > 0 AND r.attempt_started_at IS NULL AS given_up,
         count(e.id) AS claims,
         count(e.id) FILTER (WHERE e.status <> 'released') AS attempted,
         count(DISTINCT e.attempt_number) FILTER (WHERE e.status <> 'released') AS numbers,
         coalesce(max(e.attempt_number) FILTER (WHERE e.status <> 'released'), 0) AS highest,
         count(e.id) FILTER (WHERE e.status = 'succeeded') AS succeeded
  FROM audited r LEFT JOIN ${itsExecutions} ON true
  GROUP BY r.id, r.state, r.attempts, r.lease_token, r.attempt_started_at`;

/** What must hold of all runs at every moment (design: guarantees 1 to 5, 7). */
export const auditChecks: InvariantCheck[] = [
  {
    check: 'nominal_time_twice',
    invariant: 'A nominal time of a job has one row for each trigger',
    offenders: `SELECT DISTINCT job_id AS id, nominal_at || ' ' || trigger || ': more than one row' AS detail
      FROM audited r WHERE EXISTS (
        SELECT FROM runs o WHERE o.job_id = r.job_id AND o.nominal_at = r.nominal_at AND o.trigger = r.trigger AND o.id <> r.id)`,
  },
  {
    check: 'job_without_run',
    invariant: 'A one-time job that was accepted has its run, unless that was pruned',
    offenders: `SELECT j.id, j.status AS detail FROM audited_jobs j
      WHERE j.type = 'one_time'
        AND NOT EXISTS (SELECT FROM runs r WHERE r.job_id = j.id)
        AND NOT EXISTS (SELECT FROM pruned_histories p WHERE p.job_id = j.id)`,
  },
  {
    check: 'run_without_job',
    invariant: 'Every run belongs to a job',
    offenders: `SELECT r.id, 'its job ' || r.job_id || ' is gone' AS detail
      FROM audited r WHERE NOT EXISTS (SELECT FROM jobs j WHERE j.id = r.job_id)`,
  },
  {
    check: 'job_without_owner',
    invariant: 'Every job belongs to a user',
    offenders: `SELECT j.id, 'its owner ' || j.user_id || ' is gone' AS detail
      FROM audited_jobs j WHERE NOT EXISTS (SELECT FROM users u WHERE u.id = j.user_id)`,
  },
  {
    check: 'job_and_run_disagree',
    invariant: 'A one-time job is pending or paused exactly while its run is live',
    offenders: `SELECT j.id, j.status || ' while its run is ' || r.state AS detail
      FROM audited r JOIN jobs j ON j.id = r.job_id
      WHERE j.type = 'one_time' AND r.trigger = 'schedule' AND NOT EXISTS (
          SELECT FROM runs other WHERE other.job_id = j.id AND other.trigger = 'schedule' AND other.id <> r.id)
        AND (j.status IN ('pending', 'paused')) <> (r.state IN ('scheduled', 'running', 'retrying'))`,
  },
  {
    check: 'end_without_reason',
    invariant: 'A final state has its reason and its time, a live one has no end',
    offenders: `SELECT id, state || ', reason ' || coalesce(reason, 'none') || ', ended ' || coalesce(ended_at::text, 'never')
        AS detail
      FROM audited
      WHERE CASE WHEN state IN ('scheduled', 'running', 'retrying') THEN ended_at IS NOT NULL
                 ELSE reason IS NULL OR ended_at IS NULL END`,
  },
  {
    check: 'running_without_lease',
    invariant: 'A running run has a worker and a lease that is alive, or has just run out',
    offenders: `SELECT id, 'worker ' || coalesce(worker_id, 'none') || ', lease until ' || coalesce(lease_until::text, 'none')
        AS detail
      FROM audited
      WHERE state = 'running' AND (worker_id IS NULL OR lease_until IS NULL
        OR lease_until < clock_timestamp() - $3 * interval '1 ms')`,
  },
  {
    check: 'waits_unrung',
    invariant: 'A run that waits, and may start, is owed a doorbell within a day of when it is due',
    offenders: `SELECT r.id, r.state || ', due ' || r.due_at || ', to be rung ' || r.ring_at AS detail
      FROM audited r JOIN jobs j ON j.id = r.job_id
      WHERE r.state IN ('scheduled', 'retrying') AND ${jobLetsStart}
        AND r.ring_at > greatest(r.due_at, clock_timestamp()) + interval '24 hours'`,
  },
  {
    check: 'attempts_not_consecutive',
    invariant:
      'Attempts are numbered from 1 without a gap; only one that was handed back leaves its number to the next',
    offenders: `SELECT id, attempted || ' attempts, ' || numbers || ' numbers, the highest ' || highest AS detail
      FROM (${counted}) AS c WHERE attempted <> numbers OR attempted <> highest`,
  },
  {
    check: 'attempts_disagree',
    invariant: 'A run counts as many attempts as are recorded and running',
    offenders: `SELECT id, attempts || ' counted, ' || attempted || ' recorded, ' || state AS detail
      FROM (${counted}) AS c WHERE attempts <> attempted + CASE state WHEN 'running' THEN 1 ELSE 0 END`,
  },
  {
    check: 'claim_without_record',
    invariant:
      'Every lease token that was handed out has its execution, or is at work, or was cancelled before it began anything',
    offenders: `SELECT id, 'token ' || lease_token || ', ' || claims || ' executions, ' || state AS detail
      FROM (${counted}) AS c
      WHERE lease_token <> claims + CASE WHEN state = 'running' OR given_up AND state = 'cancelled' THEN 1 ELSE 0 END`,
  },
  {
    check: 'outcome_disagrees',
    invariant: 'A run that succeeded has one attempt that did, and no other run has any',
    offenders: `SELECT id, state || ' with ' || succeeded || ' successful attempts' AS detail
      FROM (${counted}) AS c WHERE succeeded <> CASE state WHEN 'succeeded' THEN 1 ELSE 0 END`,
  },
  {
    check: 'started_before_due',
    invariant: 'No attempt starts before it is due',
    offenders: `SELECT run_id AS id, 'attempt ' || attempt_number || ': ' || (due_at - started_at) || ' early' AS detail
      FROM ended WHERE started_at < due_at - ${slack}`,
  },
  {
    check: 'attempts_overlap',
    invariant: 'An attempt starts after the one before it has ended',
    offenders: `SELECT run_id AS id, 'token ' || next_token || ' started ' || (completed_at - next_started_at)
        || ' before token ' || lease_token || ' had ended' AS detail
      FROM (${neighbours}) AS n WHERE next_started_at < completed_at - ${slack}`,
  },
  {
    check: 'tokens_not_rising',
    invariant: 'Each attempt of a run has a lease token of its own',
    offenders: `SELECT run_id AS id, 'token ' || lease_token || ' twice' AS detail
      FROM (${neighbours}) AS n WHERE next_token = lease_token`,
  },
];

/** Which rows an audit is about; $1 and $2 say so. */
export interface CheckScope {
  /** SQL of the runs' and the jobs' rows. */
  runs: string;
  jobs: string;
  /** SQL type of $1 and $2. */
  type: 'timestamptz' | 'uuid[]';
}

/** Created from $1 (inclusive) to $2 (exclusive). */
export const byCreation: CheckScope = {
  runs: 'SELECT * FROM runs WHERE created_at >= $1 AND created_at < $2',
  jobs: 'SELECT * FROM jobs WHERE created_at >= $1 AND created_at < $2',
  type: 'timestamptz',
};

/** The runs $1 and the jobs $2. */
export const byId: CheckScope = {
  runs: 'SELECT * FROM runs WHERE id = ANY ($1)',
  jobs: 'SELECT * FROM jobs WHERE id = ANY ($2)',
  type: 'uuid[]',
};

/** The next $4 rows after the id $3 that were created from $1 to $2, by the times in their ids. */
export const nextCreated = (table: 'runs' | 'jobs'): string => `
  SELECT id FROM ${table} WHERE id > $3 AND id >= ${firstIdAt('$1::timestamptz')} AND id < ${firstIdAt('$2::timestamptz')}
  ORDER BY id LIMIT $4`;

/** The next $4 runs after $3, with ends after $5, that ended from $1 to $2 and more than a day after they were created. */
export const nextEndedLate = `
  SELECT id, ended_at::text AS "endedAt" FROM runs
  WHERE ended_at - created_at > interval '1 day' AND ended_at >= $1 AND ended_at < $2
    AND (ended_at, id) > ($5::timestamptz, $3)
  ORDER BY ended_at, id LIMIT $4`;

/** One row: how many runs are looked at, with how many executions. */
export const sizeStatement = ({ runs, type }: CheckScope): string => `
  WITH audited AS MATERIALIZED (${runs}), given AS (SELECT $1::${type}, $2::${type})
  SELECT count(DISTINCT r.id)::integer AS runs, count(e.id)::integer AS executions
  FROM audited r LEFT JOIN ${itsExecutions} ON true`;

/** One row: how many offend, and the first $4 of them. */
export const auditStatement = ({ offenders }: InvariantCheck, { runs, jobs, type }: CheckScope): string => `
  WITH audited AS MATERIALIZED (${runs}),
  audited_jobs AS (${jobs}),
  ended AS MATERIALIZED (SELECT e.* FROM audited r CROSS JOIN ${itsExecutions}),
  offence AS (${offenders}),
  given AS (SELECT $1::${type}, $2::${type}, $3::float8)
  SELECT (SELECT count(*) FROM offence)::integer AS count,
         coalesce((SELECT json_agg(o) FROM (SELECT id, detail FROM offence LIMIT $4) AS o), '[]') AS offenders
  FROM given`;
