import { PreparedStatement } from '../../database/prepared-statement.js';
import type { Ring } from '../domain/doorbell.js';
import { ringColumns } from './ring-sql.js';

const insertRuns = (onConflict: string): string => `
  WITH planned AS (
    SELECT *, n.due_at <= clock_timestamp() + $14 * interval '1 ms' AS near FROM unnest(
      $1::uuid[], $2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::integer[], $7::boolean[],
      $8::jsonb[], $9::text[], $10::text[], $11::text[], $12::integer[], $13::timestamptz[]
    ) AS n (id, job_id, nominal_at, due_at, trigger, job_version, gated, payload, state, reason, detail, count,
            nominal_until)
  ), r AS (
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
    RETURNING id, due_at, state, rings
  )
  SELECT ${ringColumns} FROM r WHERE state = 'scheduled' AND rings > 0`;

/** In the transaction of each submission. Tells which of the runs are rung for at once. */
export const insert = new PreparedStatement<Ring>('insert_runs', insertRuns(''));
export const insertIfAbsent = new PreparedStatement<Ring>(
  'insert_runs_if_absent',
  insertRuns('ON CONFLICT (job_id, nominal_at, trigger) DO NOTHING'),
);
