import type { DataSource } from 'typeorm';
import { eventually } from './eventually.js';

/** Ends the connection that holds an advisory lock of this database, as a restart or a failing network would; resolves when it is free. */
export async function breakLock(database: DataSource, lock: number): Promise<void> {
  const holders = (): Promise<unknown[]> =>
    database.query<unknown[]>(
      `SELECT pg_terminate_backend(pid) FROM pg_locks
       WHERE locktype = 'advisory' AND objid = $1
         AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      [lock],
    );
  await eventually(holders, ({ length }) => length === 0);
  // What PostgreSQL says to the connection before it gives up its lock has arrived by now, and is read in this turn.
  await new Promise(setImmediate);
}
