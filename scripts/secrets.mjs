// npm run secrets:rotate: encrypts all stored secrets with the first key of SECRETS_KEYS; safe while the system runs. Works on
// the database that DATABASE_URL or DB_* names, else on the local one, as migrations do, with the keys that `npm start` keeps beside it.
import { existsSync } from 'node:fs';
import { ensureBuilt } from './local/build.mjs';
import { databaseAtHand } from './local/database-at-hand.mjs';
import {
  dataDirectory,
  databaseEnvironment,
  enterProject,
  secretsKeys,
  secretsKeysFile,
  setting,
} from './local/environment.mjs';
import { interruption } from './local/interruption.mjs';
import { Keeper } from './local/keeper.mjs';
import { runTask } from './local/processes.mjs';
import { printFailure, step } from './local/progress.mjs';

const interrupted = interruption();
const keeper = new Keeper();
/** @type {import('./local/pid-file.mjs').Lock | undefined} */
let lock;
try {
  enterProject();
  await step('Build', ensureBuilt, String);
  const found = await databaseAtHand(keeper, 'changing the key of stored secrets');
  lock = found.lock;
  interrupted.throwIfAborted();
  const directory = dataDirectory();
  // One that is invented now has encrypted nothing.
  const keys = existsSync(secretsKeysFile(directory)) ? secretsKeys(directory) : setting('SECRETS_KEYS');
  const { ok } = await runTask([process.execPath, 'dist/commands/rotate-secrets.js'], {
    env: { ...process.env, ...databaseEnvironment(found.database), ...(keys && { SECRETS_KEYS: keys }) },
    show: true,
  });
  process.exitCode = ok ? 0 : 1;
} catch (error) {
  if (!interrupted.aborted) printFailure(error);
  process.exitCode = 1;
} finally {
  await keeper.stopAll(['PostgreSQL']);
  lock?.release();
}
process.exit();
