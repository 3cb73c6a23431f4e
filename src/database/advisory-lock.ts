import type { DataSource, QueryRunner } from 'typeorm';

/**
 * Runs `work` unless somebody else holds the lock at this moment. The lock belongs to a session: it goes with the
 * connection, whatever becomes of this process.
 *
 * @param lock names the lock; a number that nothing else in the database uses
 * @param work asks `mustHold` now and then, which throws once the lock has gone with its connection: somebody else may have it
 * @returns whether it ran
 */
export async function exclusively(
  dataSource: DataSource,
  lock: number,
  work: (mustHold: () => void) => Promise<void>,
): Promise<boolean> {
  const runner = dataSource.createQueryRunner();
  try {
    await runner.connect();
    const [row] = (await runner.query('SELECT pg_try_advisory_lock($1) AS held', [lock])) as [{ held: boolean }];
    if (!row.held) return false;
    try {
      await work(() => {
        if (runner.isReleased) throw new Error('The connection that held the lock was lost');
      });
    } finally {
      await unlock(runner, lock);
    }
    return true;
  } finally {
    await runner.release();
  }
}

/** TypeORM releases a runner whose connection breaks, or whose data source is closed: nothing is left to unlock then. */
async function unlock(runner: QueryRunner, lock: number): Promise<void> {
  if (!runner.isReleased) await runner.query('SELECT pg_advisory_unlock($1)', [lock]);
}
