// npm start: the whole system on this machine. `--watch` rebuilds and restarts the application on every change.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { clearLeftOverApp, startApp } from './local/app.mjs';
import { banner } from './local/banner.mjs';
import { ensureBuilt, watchSources } from './local/build.mjs';
import { ensureDatabase, migrate } from './local/database.mjs';
import {
  chosenPort,
  dataDirectory,
  databaseName,
  enterProject,
  listeningHost,
  namesDatabase,
  setting,
  shown,
  urlOf,
} from './local/environment.mjs';
import {
  appEnvironment,
  configuredDatabase,
  databaseEnvironment,
  jwtSecret,
  secretsKeys,
} from './local/environment.mjs';
import { aborted, interruption } from './local/interruption.mjs';
import { Keeper } from './local/keeper.mjs';
import { startMailCatcher } from './local/mail-catcher.mjs';
import { waitForLock } from './local/pid-file.mjs';
import { whyNotFree } from './local/ports.mjs';
import { startPostgres } from './local/postgres.mjs';
import { allSteps, LaunchError, printFailure, secondsSince, step } from './local/progress.mjs';
import { startRedis } from './local/redis.mjs';
import { freshSecret } from './local/secrets.mjs';

/** Enough for the launcher before to notice that it shall stop. */
const lockPatienceMs = 1_500;
const stopOrder = ['Punctual', 'Mail catcher', 'Redis', 'PostgreSQL'];

const began = performance.now();
const watching = process.argv.includes('--watch');
const interrupted = interruption();
const keeper = new Keeper();
/** @type {import('./local/pid-file.mjs').Lock | undefined} */
let lock;
try {
  enterProject();
  const [port, directory] = [await chosenPort(), dataDirectory()];
  lock = await lockDirectory(directory, port);
  await clearLeftOverApp(appPidFile(directory));
  await refuseBusyPort(port);
  await launch(port, directory);
  await Promise.race([keeper.failed, aborted(interrupted)]);
} catch (error) {
  if (!interrupted.aborted) {
    printFailure(error);
    process.exitCode = 1;
  }
} finally {
  const stopping = performance.now();
  lock?.leaving();
  await keeper.stopAll(stopOrder);
  if (interrupted.aborted) console.log(`Stopped (${secondsSince(stopping)}).`);
  lock?.release();
}
process.exit();

/**
 * @param {number} port
 * @param {string} directory
 */
async function launch(port, directory) {
  console.log(`\nPunctual starts; its data is in ${shown(directory)}\n`);
  const secret = jwtSecret(directory);
  const keys = secretsKeys(directory);
  const password = freshSecret();
  const servers = await startServers(directory, password);
  interrupted.throwIfAborted();

  const database = servers.postgres ?? (await configuredDatabase());
  const environment = appEnvironment({ ...servers, port, secret, ...(keys && { secretsKeys: keys }), database });
  await prepareDatabase(database);
  interrupted.throwIfAborted();

  const url = urlOf(port);
  const app = { environment, pidFile: appPidFile(directory), url };
  await step(
    'Punctual',
    () => bringUpApp(app),
    () => url,
  );
  console.log(
    banner({
      url,
      host: listeningHost(),
      port,
      seconds: secondsSince(began),
      directory,
      postgres: servers.postgres !== undefined,
      redis: servers.redis !== undefined,
      mail: servers.mail !== undefined,
      loopback: environment['HTTP_JOBS_ALLOW_LOOPBACK'] === 'true',
    }),
  );
  if (watching) restartOnChange(app, database);
}

/**
 * Builds, and starts the servers that the environment does not name, side by side.
 *
 * @param {string} directory
 * @param {string} password of Redis
 */
async function startServers(directory, password) {
  const [, postgres, redis, mail] = await allSteps([
    step('Build', ensureBuilt, String),
    namesDatabase()
      ? undefined
      : step(
          'PostgreSQL',
          () => keeper.keep('PostgreSQL', (port) => startPostgres({ directory: join(directory, 'postgres'), port })),
          describe,
        ),
    ['REDIS_HOST', 'REDIS_URL', 'REDIS_SENTINELS', 'REDIS_CLUSTER'].some(setting)
      ? undefined
      : step('Redis', () => keeper.keep('Redis', (port) => startRedis({ directory, port, password })), describe),
    setting('SMTP_HOST')
      ? undefined
      : step(
          'Mail catcher',
          async () => keeper.hold('Mail catcher', await startMailCatcher({ directory: join(directory, 'mail') })),
          describe,
        ),
  ]);
  return { postgres, redis, mail };
}

/** @param {{ host: string, port: number }} server */
function describe({ host, port }) {
  return `${host}:${port}`;
}

/** @param {import('./local/postgres.mjs').Connection} database */
async function prepareDatabase(database) {
  await step(
    'Database',
    () => ensureDatabase(database, databaseName(database)),
    (state) => `${databaseName(database)} ${state}`,
  );
  await step('Migrations', () => migrate(['run'], databaseEnvironment(database)), String);
}

/**
 * @param {{ environment: Record<string, string>, pidFile: string, url: string }} options
 * @param {() => void} [onEnd] see {@link Keeper.hold}
 */
async function bringUpApp(options, onEnd) {
  await keeper.hold('Punctual', startApp(options), onEnd).ready(interrupted);
}

/**
 * @param {{ environment: Record<string, string>, pidFile: string, url: string }} options
 * @param {import('./local/postgres.mjs').Connection} database
 */
function restartOnChange(options, database) {
  const wait = () => console.error('It starts again at the next change.');
  let busy = false;
  let changedAgain = false;
  const rebuild = async () => {
    if ((await step('Build', ensureBuilt, String)) === 'up to date') return;
    await prepareDatabase(database);
    await keeper.stop('Punctual');
    interrupted.throwIfAborted();
    await step(
      'Punctual',
      () => bringUpApp(options, wait),
      () => options.url,
    );
  };
  const onChange = async () => {
    changedAgain = busy;
    if (busy) return;
    busy = true;
    do {
      changedAgain = false;
      await rebuild().catch((error) => interrupted.aborted || printFailure(error));
    } while (changedAgain && !interrupted.aborted);
    busy = false;
  };
  const stopWatching = watchSources(() => void onChange());
  interrupted.addEventListener('abort', stopWatching);
  console.log('Watching src for changes.\n');
}

/** @param {string} directory */
function appPidFile(directory) {
  return join(directory, 'app.pid.json');
}

/**
 * One launcher a folder: two would fight over its data. One that is just stopping is waited for.
 *
 * @param {string} directory
 * @param {number} port
 */
async function lockDirectory(directory, port) {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const lock = await waitForLock(join(directory, 'lock.json'), `Punctual on port ${port}`, lockPatienceMs);
  if ('release' in lock) return lock;
  throw new LaunchError(
    `${directory} is in use: ${lock.holder.work} (process ${lock.holder.pid}).\n` +
      `Stop it first, or run a second copy beside it: DATA_DIR=./.data-2 PORT=${port + 1} npm start`,
  );
}

/** @param {number} port */
async function refuseBusyPort(port) {
  const reason = await whyNotFree(port);
  if (!reason) return;
  const meaning =
    reason === 'EADDRINUSE'
      ? `Port ${port} is busy: another program listens there.`
      : `Port ${port} cannot be used here (${reason}).`;
  throw new LaunchError(`${meaning} Choose another one:\n\n    PORT=${port < 1_024 ? 3_000 : port + 1} npm start`);
}
