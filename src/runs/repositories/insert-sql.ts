import type { QueryResultRow } from 'pg';
import { jsonRows } from '../../database/statements/json-rows.js';
import { ringAfterStart } from '../../database/running-runs-sql.js';
import { SharedStatement } from '../../database/statements/shared-statement.js';
import { conflict } from '../../kernel/errors.js';
import type { Ring } from '../domain/ring.js';
import type { NewRun } from '../domain/run.js';
import type { InsertedRun, InsertClaim } from '../interfaces/run-repository.js';
import { ringColumns } from './ring-sql.js';

const uniqueViolation = '23505';

/**
 * Of runs, $1 and $2, as rows of the table; `worker_id` is who would be there for it. A run that is born claimed has a `start`:
 * its row is as `startAttempt` would leave one that had waited.
 */
const insertRuns = (onConflict: string): string => `
  WITH planned AS (
    SELECT n.id, n.job_id, n.nominal_at, n.due_at, n.trigger, n.job_version, n.gated, n.payload, n.state, n.reason,
           n.reason_detail, n.count, n.nominal_until, n.worker_id,
           clock.now, n.due_at <= clock.now + $3 * interval '1 ms' AS near,
           CASE WHEN n.worker_id IS NOT NULL AND n.state = 'scheduled' AND NOT n.gated
                 AND n.due_at <= clock.now + $6 * interval '1 ms'
                THEN greatest(clock.now, n.due_at) END AS start
    FROM (SELECT clock_timestamp() AS now OFFSET 0) AS clock,
         json_populate_recordset(json_populate_record(NULL::runs, $1::json), $2::json) AS n
  )
  INSERT INTO runs (id, job_id, nominal_at, due_at, trigger, job_version, gated, payload, state, reason,
                    reason_detail, count, nominal_until, rings, ring_at, ended_at,
                    attempts, lease_token, worker_id, lease_until, attempt_started_at, started_at, ran_version)
  SELECT id, job_id, nominal_at, due_at, trigger, job_version, gated, payload,
         CASE WHEN start IS NULL THEN state ELSE 'running' END, reason, reason_detail, count, nominal_until,
         CASE WHEN near THEN 1 ELSE 0 END,
         least(CASE WHEN near THEN greatest(due_at, now) + $4 * interval '1 ms'
                    ELSE due_at - $3 * interval '1 ms' END,
               start + least($5 * interval '1 ms', ${ringAfterStart})),
         CASE WHEN state <> 'scheduled' THEN now END,
         CASE WHEN start IS NULL THEN 0 ELSE 1 END, CASE WHEN start IS NULL THEN 0 ELSE 1 END,
         CASE WHEN start IS NOT NULL THEN worker_id END, start + $5 * interval '1 ms', start, start,
         CASE WHEN start IS NOT NULL THEN job_version END
  FROM planned
  ${onConflict}
  RETURNING id, due_at, state, rings`;

const isRungFor = `r.state = 'scheduled' AND r.rings > 0`;

/** What to ring. */
const rings = (name: string): string => `SELECT ${ringColumns} FROM ${name} r WHERE ${isRungFor}`;

/** What to ring, and what is born claimed. */
const born = (name: string): string => `
  SELECT ${ringColumns}, CASE WHEN r.state = 'running' THEN date_part('epoch', clock_timestamp()) * 1000 END AS "claimedAtMs"
  FROM ${name} r WHERE ${isRungFor} OR r.state = 'running'`;

const insertion = <Row extends QueryResultRow>(
  name: string,
  answer: (name: string) => string,
  onConflict = '',
): SharedStatement<Row> =>
  new SharedStatement(name, {
    write: insertRuns(onConflict),
    answer: answer(name),
    refusal: ({ code, table }) =>
      code === uniqueViolation && table === 'runs'
        ? conflict('RUN_EXISTS', 'This job already has a run for that nominal time.')
        : undefined,
  });

const doNothing = 'ON CONFLICT (job_id, nominal_at, trigger) DO NOTHING';

/** In the transaction of each submission. Tells which of the runs are rung for at once. */
export const insert = insertion<Ring>('insert_runs', rings);
export const insertIfAbsent = insertion<Ring>('insert_runs_if_absent', rings, doNothing);
/** The same for what may be born claimed, which they tell too. */
export const insertClaimed = insertion<InsertedRun>('insert_claimed_runs', born);
export const insertClaimedIfAbsent = insertion<InsertedRun>('insert_claimed_runs_if_absent', born, doNothing);

/** The parameters of each of them. */
export function insertValues(
  runs: NewRun[],
  { horizonMs, ringAgainAfterMs }: { horizonMs: number; ringAgainAfterMs: number },
  birthright?: InsertClaim,
): unknown[] {
  const { common, rows } = jsonRows(runs.map((run) => newRow(run, birthright)));
  const { leaseMs, aheadMs } = birthright?.claimant ?? { leaseMs: 0, aheadMs: 0 };
  return [common, rows, horizonMs, ringAgainAfterMs, leaseMs, aheadMs];
}

const newRow = (run: NewRun, birthright?: InsertClaim): Record<string, unknown> => ({
  id: run.id,
  job_id: run.jobId,
  nominal_at: run.nominalAt,
  due_at: run.dueAt,
  trigger: run.trigger,
  job_version: run.jobVersion,
  gated: run.gated,
  payload: run.payload ?? undefined,
  state: run.final?.state ?? 'scheduled',
  reason: run.final?.reason,
  reason_detail: run.final?.detail,
  count: run.count ?? 1,
  nominal_until: run.nominalUntil,
  worker_id: birthright?.runIds.has(run.id) ? birthright.claimant.workerId : undefined,
});
