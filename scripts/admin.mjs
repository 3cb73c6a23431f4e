// npm run admin:create: makes the first admin, or somebody who has an account. Takes ADMIN_EMAIL and ADMIN_PASSWORD, and
// asks for what is not set. Works on the database that DATABASE_URL or DB_* names, else on the local one, as migrations do.
import { ensureBuilt } from './local/build.mjs';
import { databaseAtHand } from './local/database-at-hand.mjs';
import { ensureDatabase, migrate } from './local/database.mjs';
import { databaseEnvironment, databaseName, enterProject, setting } from './local/environment.mjs';
import { interruption } from './local/interruption.mjs';
import { Keeper } from './local/keeper.mjs';
import { runTask } from './local/processes.mjs';
import { LaunchError, printFailure, step } from './local/progress.mjs';
import { ask } from './local/prompt.mjs';

const interrupted = interruption();
const keeper = new Keeper();
/** @type {import('./local/pid-file.mjs').Lock | undefined} */
let lock;
try {
  enterProject();
  const email = setting('ADMIN_EMAIL') ?? (await ask('E-mail: ', { instead: 'ADMIN_EMAIL' }));
  const password =
    setting('ADMIN_PASSWORD') ?? (await ask('Password (not shown): ', { hidden: true, instead: 'ADMIN_PASSWORD' }));
  await step('Build', ensureBuilt, String);
  const found = await databaseAtHand(keeper, 'making an admin');
  lock = found.lock;
  interrupted.throwIfAborted();
  await ensureDatabase(found.database, databaseName(found.database));
  const environment = databaseEnvironment(found.database);
  await step('Migrations', () => migrate(['run'], environment), String);
  const { ok, output } = await runTask([process.execPath, 'dist/commands/create-admin.js'], {
    env: { ...process.env, ...environment, ADMIN_EMAIL: email, ADMIN_PASSWORD: password },
  });
  if (!ok) throw new LaunchError(output.trim());
  console.log(`\n${output.trim()}`);
} catch (error) {
  if (!interrupted.aborted) printFailure(error);
  process.exitCode = 1;
} finally {
  await keeper.stopAll(['PostgreSQL']);
  lock?.release();
}
process.exit();
