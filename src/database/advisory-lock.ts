import type { DataSource } from 'typeorm';

/**
 * Runs `work` unless somebody else holds the lock at this moment. The lock belongs to a session: it goes with the
 * connection, whatever becomes of this process.
 *
 * @param lock names the lock; a number that nothing else in the database uses
 * @returns whether it ran
 */
export async function exclusively(dataSource: DataSource, lock: number, work: () => Promise<void>): Promise<boolean> {
  const runner = dataSource.createQueryRunner();
  try {
    await runner.connect();
    const [row] = (await runner.query('SELECT pg_try_advisory_lock($1) AS held', [lock])) as [{ held: boolean }];
    if (!row.held) return false;
    try {
      await work();
    } finally {
      await runner.query('SELECT pg_advisory_unlock($1)', [lock]);
    }
    return true;
  } finally {
    await runner.release();
  }
}
