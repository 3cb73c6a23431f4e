import { SharedStatement } from '../../database/shared-statement.js';
import { conflict } from '../../kernel/errors.js';
import type { Ring } from '../domain/doorbell.js';
import type { NewRun } from '../domain/run.js';
import { ringColumns } from './ring-sql.js';

const uniqueViolation = '23505';

const insertRuns = (onConflict: string): string => `
  WITH planned AS (
    SELECT *, n.due_at <= clock_timestamp() + $2 * interval '1 ms' AS near FROM json_to_recordset($1::json) AS n (
      id uuid, job_id uuid, nominal_at timestamptz, due_at timestamptz, trigger text, job_version integer,
      gated boolean, payload jsonb, state text, reason text, detail text, count integer, nominal_until timestamptz)
  )
  INSERT INTO runs (id, job_id, nominal_at, due_at, trigger, job_version, gated, payload, state, reason,
                    reason_detail, count, nominal_until, rings, ring_at, ended_at)
  SELECT id, job_id, nominal_at, due_at, trigger, job_version, gated, payload, state, reason, detail, count,
         nominal_until,
         CASE WHEN near THEN 1 ELSE 0 END,
         CASE WHEN near THEN greatest(due_at, clock_timestamp()) + $3 * interval '1 ms'
              ELSE due_at - $2 * interval '1 ms' END,
         CASE WHEN state <> 'scheduled' THEN clock_timestamp() END
  FROM planned
  ${onConflict}
  RETURNING id, due_at, state, rings`;

const insertion = (name: string, onConflict: string): SharedStatement<Ring> =>
  new SharedStatement(name, {
    write: insertRuns(onConflict),
    answer: `SELECT ${ringColumns} FROM ${name} r WHERE state = 'scheduled' AND rings > 0`,
    refusal: ({ code, table }) =>
      code === uniqueViolation && table === 'runs'
        ? conflict('RUN_EXISTS', 'This job already has a run for that nominal time.')
        : undefined,
  });

/** In the transaction of each submission. Tells which of the runs are rung for at once. */
export const insert = insertion('insert_runs', '');
export const insertIfAbsent = insertion(
  'insert_runs_if_absent',
  'ON CONFLICT (job_id, nominal_at, trigger) DO NOTHING',
);

/** A run as these statements take it. What is not in the JSON is null there. */
export const newRow = (run: NewRun): Record<string, unknown> => ({
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
  detail: run.final?.detail,
  count: run.count ?? 1,
  nominal_until: run.nominalUntil,
});
