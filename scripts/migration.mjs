// npm run migration:run | migration:revert | migration:generate -- <Name>
// Works on the database that DATABASE_URL or DB_* names, else on the local one: the one that `npm start` runs now, or its data at rest.
import { ensureBuilt } from './local/build.mjs';
import { databaseAtHand } from './local/database-at-hand.mjs';
import { ensureDatabase, migrate } from './local/database.mjs';
import { databaseEnvironment, databaseName, enterProject } from './local/environment.mjs';
import { interruption } from './local/interruption.mjs';
import { Keeper } from './local/keeper.mjs';
import { printFailure, step } from './local/progress.mjs';

const interrupted = interruption();
const keeper = new Keeper();
/** @type {import('./local/pid-file.mjs').Lock | undefined} */
let lock;
try {
  enterProject();
  await step('Build', ensureBuilt, String);
  const { database, lock: taken } = await databaseAtHand(keeper, 'a migration');
  lock = taken;
  interrupted.throwIfAborted();
  await ensureDatabase(database, databaseName(database));
  console.log(`\n${await migrate(process.argv.slice(2), databaseEnvironment(database))}`);
} catch (error) {
  if (!interrupted.aborted) printFailure(error);
  process.exitCode = 1;
} finally {
  await keeper.stopAll(['PostgreSQL']);
  lock?.release();
}
process.exit();
