import { SharedStatement } from '../../database/shared-statement.js';
import { conflict } from '../../kernel/errors.js';
import type { Ring } from '../domain/doorbell.js';
import { ringColumns } from './ring-sql.js';

const uniqueViolation = '23505';

const insertRuns = (onConflict: string): string => `
  WITH planned AS (
    SELECT *, n.due_at <= clock_timestamp() + $14 * interval '1 ms' AS near FROM unnest(
      $1::uuid[], $2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::integer[], $7::boolean[],
      $8::jsonb[], $9::text[], $10::text[], $11::text[], $12::integer[], $13::timestamptz[]
    ) AS n (id, job_id, nominal_at, due_at, trigger, job_version, gated, payload, state, reason, detail, count,
            nominal_until)
  )
  INSERT INTO runs (id, job_id, nominal_at, due_at, trigger, job_version, gated, payload, state, reason,
                    reason_detail, count, nominal_until, rings, ring_at, ended_at)
  SELECT id, job_id, nominal_at, due_at, trigger, job_version, gated, payload, state, reason, detail, count,
         nominal_until,
         CASE WHEN near THEN 1 ELSE 0 END,
         CASE WHEN near THEN greatest(due_at, clock_timestamp()) + $15 * interval '1 ms'
              ELSE due_at - $14 * interval '1 ms' END,
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
