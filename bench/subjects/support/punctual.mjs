import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { compiled } from '../../frame/compiled.mjs';

/** @typedef {import('../../subject.d.ts').Services} Services */

/** The handler of all measurements that concern the engine: it does nothing but say that it was called. */
export const handler = 'bench';

/**
 * What points the program at the bench's servers. Limits on what one user may do are off, or wide: here one user stands for all.
 *
 * @param {Services} services
 * @param {Record<string, string>} [overrides]
 * @returns {Record<string, string>}
 */
export const environmentFor = ({ postgres, redis }, overrides = {}) => ({
  NODE_ENV: 'production',
  LOG_LEVEL: 'warn',
  LOG_FORMAT: 'text',
  DB_HOST: postgres.host,
  DB_PORT: String(postgres.port),
  DB_USERNAME: postgres.user,
  DB_PASSWORD: postgres.password,
  DB_DATABASE: postgres.database,
  REDIS_HOST: redis.host,
  REDIS_PORT: String(redis.port),
  JWT_SECRET: randomBytes(32).toString('base64url'),
  JWT_EXPIRATION: '86400',
  PORT: '0',
  HOST: '127.0.0.1',
  LIMIT_WRITES_PER_USER: '0',
  QUOTA_LIVE_JOBS: '1000000',
  ...overrides,
});

/**
 * @param {Record<string, string>} environment
 * @returns {Promise<unknown>} once the tables are there
 */
export async function makeTables(environment) {
  const { migrate } = await import('../../../scripts/local/database.mjs');
  return migrate(['run'], environment);
}

/**
 * @param {import('pg').Client} client
 * @returns {Promise<string>} the id of somebody whose jobs they are
 */
export async function anOwner(client) {
  const { rows } = await client.query(
    `INSERT INTO users (id, email, name, password_hash) VALUES (uuidv7(), 'bench@example.com', 'Bench', '-') RETURNING id`,
  );
  return rows[0].id;
}

/**
 * The program in a process of its own, as it is deployed.
 *
 * @param {Record<string, string>} environment with `ROLES`
 * @returns {Promise<{ origin: string, pid: number, stop(): Promise<void> }>} once it listens
 */
export async function startProgram(environment) {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, ['dist/main.js'], {
    env: { PATH, HOME, ...environment },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit');
  const [message] = await Promise.race([
    once(child, 'message'),
    exited.then(([code]) => Promise.reject(new Error(`The program ended with ${code}.`))),
  ]);
  return {
    origin: message.url,
    pid: child.pid ?? 0,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
      await exited;
    },
  };
}

/**
 * @param {string} origin
 * @returns {Promise<{ token: string, userId: string }>} a new account, and a token that works for a day
 */
export async function register(origin) {
  const answer = await fetch(`${origin}/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: 'client@example.com', password: randomBytes(16).toString('hex'), name: 'Client' }),
  });
  if (answer.status !== 201) throw new Error(`Registering was answered ${answer.status}: ${await answer.text()}`);
  const { access_token: token, user } = /** @type {{ access_token: string, user: { id: string } }} */ (
    await answer.json()
  );
  return { token, userId: user.id };
}

/**
 * The whole program, all roles, in this process; it works nothing off before `begin` is called.
 *
 * @param {Record<string, string>} environment
 * @param {(job: number) => void} called first thing in the handler, with the payload's `job`
 */
export async function loadProgram(environment, called) {
  const { customHandlers } = await compiled('handlers/custom/custom-handlers.js');
  const { JobHandler } = await compiled('handlers/domain/job-handler.js');
  class Noop {
    /** @param {{ payload: { job: number } }} context */
    handle({ payload }) {
      called(payload.job);
    }
  }
  JobHandler(handler)(Noop);
  customHandlers.push(Noop); // before the module that lists them is loaded
  const { readConfig } = await compiled('config/config.js');
  const { AppModule } = await compiled('app.module.js');
  const { createApp } = await compiled('http/application.js');
  const { JobSubmissions } = await compiled('jobs/services/job-submissions.js');
  const { Engine } = await compiled('runs/engine.js');
  const config = readConfig(environment);
  const app = await createApp(AppModule.of(config), config);
  // Making the routes is no more a part of starting to work than importing a library is.
  const engine = app.get(Engine);
  const begin = engine.onApplicationBootstrap.bind(engine);
  engine.onApplicationBootstrap = () => {};
  await app.init();
  const { IJobScheduler } = await compiled('runs/dispatch/interfaces/job-scheduler.js');
  // As in any installation but in its first second: Redis is known, and what is rung in it is not taken for lost.
  await app.get(IJobScheduler).hasForgotten();
  return { app, submissions: app.get(JobSubmissions), begin: async () => begin() };
}

/**
 * A job as a client submits it.
 *
 * @param {number} job
 * @param {Date} [due] at once without it
 */
export const aJob = (job, due) => ({
  name: 'bench',
  type: /** @type {const} */ ('one_time'),
  handler,
  payload: { job },
  ...(due && { scheduledAt: due.toISOString() }),
});
