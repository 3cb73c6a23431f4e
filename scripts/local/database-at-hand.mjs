import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { configuredDatabase, dataDirectory, namesDatabase } from './environment.mjs';
import { waitForLock } from './pid-file.mjs';
import { runningPostgres, startPostgres } from './postgres.mjs';
import { LaunchError, step } from './progress.mjs';

const lockPatienceMs = 1_500;

/**
 * The database that `DATABASE_URL` or `DB_*` names, else the local one: the one that `npm start` runs now, or its data at rest, which is
 * woken for as long as the keeper holds it.
 *
 * @param {import('./keeper.mjs').Keeper} keeper
 * @param {string} work who asks, for somebody who finds the folder in use
 * @returns {Promise<{ database: import('./postgres.mjs').Connection, lock?: import('./pid-file.mjs').Lock }>}
 */
export async function databaseAtHand(keeper, work) {
  if (namesDatabase()) return { database: await configuredDatabase() };
  const directory = dataDirectory();
  const cluster = join(directory, 'postgres');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const taken = await waitForLock(join(directory, 'lock.json'), work, lockPatienceMs);
  if ('release' in taken) {
    const start = async () => keeper.hold('PostgreSQL', await startPostgres({ directory: cluster }));
    return { lock: taken, database: await step('PostgreSQL', start, () => `of ${directory}`) };
  }
  const running = runningPostgres(cluster);
  if (running) return { database: running };
  throw new LaunchError(`${directory} is in use: ${taken.holder.work} (process ${taken.holder.pid}). Try again later.`);
}
