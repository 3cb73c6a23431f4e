import type { DataSource } from 'typeorm';
import type { PruneStep } from '../kernel/retention.js';

/** A table that is pruned along its key, because no index leads to what is old in it. */
export interface Sliced {
  table: string;
  key: string;
  /** A key before all others. */
  first: string;
  /** SQL of whether a row is old; $3 is an age in ms. */
  isOld: string;
}

/** Deletes what is old among the next `limit` rows after the key `after`, and leaves what others have locked to them. */
export async function pruneSlice(
  dataSource: DataSource,
  { table, key, first, isOld }: Sliced,
  ageMs: number,
  after: string | null,
  limit: number,
): Promise<PruneStep> {
  const [step] = await dataSource.query<[PruneStep]>(
    `WITH slice AS MATERIALIZED (SELECT ${key} FROM ${table} WHERE ${key} > $1 ORDER BY ${key} LIMIT $2),
     doomed AS (
       SELECT ${key} FROM ${table} WHERE ${key} = ANY (ARRAY(SELECT ${key} FROM slice)) AND ${isOld}
       FOR UPDATE SKIP LOCKED
     ), gone AS (
       DELETE FROM ${table} WHERE ${key} = ANY (ARRAY(SELECT ${key} FROM doomed)) RETURNING ${key}
     )
     SELECT (SELECT count(*) FROM gone)::integer AS deleted,
            (SELECT ${key} FROM slice ORDER BY ${key} OFFSET $2 - 1 LIMIT 1) AS next`,
    [after ?? first, limit, ageMs],
  );
  return step;
}
