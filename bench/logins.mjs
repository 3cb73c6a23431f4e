// node bench/logins.mjs [--logins 200] [--runs 1000]
// How late runs start that are due while many people log in at once, beside how late they start when nobody does: one run,
// on a private PostgreSQL and Redis, with hashes that cost what they cost in production. Under a minute.
import { mkdtempSync, rmSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { ensureBuilt } from '../scripts/local/build.mjs';
import { ensureDatabase, migrate } from '../scripts/local/database.mjs';
import { databaseEnvironment } from '../scripts/local/environment.mjs';
import { startPostgres } from '../scripts/local/postgres.mjs';
import { startRedis } from '../scripts/local/redis.mjs';

const { values } = parseArgs({
  options: { logins: { type: 'string', default: '200' }, runs: { type: 'string', default: '1000' } },
});
const logins = Number(values.logins);
const runs = Number(values.runs);
const database = 'logins';
const password = 'a long enough password';
/** From the submission to the time at which all are due, and from the first login to it, in ms. */
const aheadMs = 4_000;
const loginsAheadMs = 500;
/** A part that takes longer than this has failed. */
const patienceMs = 60_000;

const folder = mkdtempSync(join(tmpdir(), 'punctual-logins-'));
await ensureBuilt();
const postgres = await startPostgres({ directory: join(folder, 'postgres') });
const redis = await startRedis({ directory: folder });
/** @type {import('node:child_process').ChildProcess | undefined} */
let app;
/** @type {pg.Client | undefined} */
let client;
try {
  await ensureDatabase(postgres, database);
  const environment = {
    ...databaseEnvironment(postgres),
    DB_DATABASE: database,
    REDIS_HOST: redis.host,
    REDIS_PORT: String(redis.port),
    JWT_SECRET: randomBytes(32).toString('base64url'),
    LIMIT_LOGINS_PER_ACCOUNT: '0',
    LIMIT_LOGINS_PER_ADDRESS: '0',
    PORT: '0',
    HOST: '127.0.0.1',
    LOG_LEVEL: 'error',
  };
  await migrate(['run'], environment);
  client = new pg.Client({ ...postgres, user: postgres.username, database });
  await client.connect();
  app = spawn(process.execPath, ['dist/main.js'], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [{ url }] = await once(app, 'message');
  const person = await post(url, '/auth/register', { email: 'bench@example.com', password, name: 'Bench' });
  const token = person.body.access_token;

  await measure(url, client, token, 'warm-up', false);
  const alone = await measure(url, client, token, 'alone', false);
  const beside = await measure(url, client, token, 'beside', true);
  console.log(table([alone, beside]));
} finally {
  await client?.end();
  if (app?.exitCode === null) {
    app.kill('SIGTERM');
    await once(app, 'exit');
  }
  await redis.stop();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}

/**
 * @param {string} url
 * @param {string} path
 * @param {object} body
 * @param {string} [token]
 * @returns {Promise<{ status: number, body: any, ms: number }>}
 */
async function post(url, path, body, token) {
  const startedAt = performance.now();
  const answer = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });
  const read = await answer.json();
  return { status: answer.status, body: read, ms: performance.now() - startedAt };
}

/**
 * Submits runs that are all due at one instant, and has people log in around it.
 *
 * @param {string} url
 * @param {pg.Client} client
 * @param {string} token
 * @param {string} name
 * @param {boolean} withLogins
 */
async function measure(url, client, token, name, withLogins) {
  const dueAt = Date.now() + aheadMs;
  const job = { name, type: 'one_time', handler: 'log', payload: {}, scheduledAt: new Date(dueAt).toISOString() };
  for (let left = runs; left > 0; left -= 1_000) {
    const { status } = await post(url, '/jobs/bulk', { jobs: Array(Math.min(left, 1_000)).fill(job) }, token);
    if (status !== 201) throw new Error(`A submission was answered ${status}.`);
  }
  await sleep(Math.max(0, dueAt - loginsAheadMs - Date.now()));
  const people = withLogins ? Array.from({ length: logins }, () => login(url)) : [];
  const answers = await Promise.all(people);
  await ended(client, name);
  const { rows } = await client.query(
    `SELECT count(*)::integer AS runs, percentile_cont(ARRAY[0.5, 0.99, 1.0]) WITHIN GROUP (
       ORDER BY extract(epoch FROM e.started_at - e.due_at) * 1000) AS ms
     FROM executions e JOIN jobs j ON j.id = e.job_id WHERE j.name = $1 AND e.attempt_number = 1`,
    [name],
  );
  return { name, answers, runs: rows[0].runs, lateness: /** @type {number[]} */ (rows[0].ms) };
}

/** @param {string} url */
function login(url) {
  return post(url, '/auth/login', { email: 'bench@example.com', password });
}

/**
 * @param {pg.Client} client
 * @param {string} name
 */
async function ended(client, name) {
  for (const until = Date.now() + patienceMs; Date.now() < until; await sleep(200)) {
    const { rows } = await client.query(
      `SELECT count(*)::integer AS ended FROM jobs WHERE name = $1 AND status = 'completed'`,
      [name],
    );
    if (rows[0].ended === runs) return;
  }
  throw new Error(`Not all of ${runs} runs have ended within ${patienceMs} ms.`);
}

/** @param {Awaited<ReturnType<typeof measure>>[]} parts */
function table(parts) {
  const ms = (/** @type {number | undefined} */ value) => (value ?? NaN).toFixed(1).padStart(8);
  const lines = parts.map(({ name, answers, runs: count, lateness: [p50 = NaN, p99 = NaN, max = NaN] }) => {
    const letIn = answers.filter(({ status }) => status === 200).length;
    const slowest = answers.length > 0 ? Math.max(...answers.map((answer) => answer.ms)).toFixed(0) : '-';
    const people = `${answers.length} (${letIn} let in, slowest ${slowest} ms)`;
    return `| ${(name === 'alone' ? 'nobody logs in' : people).padEnd(40)} | ${String(count).padStart(5)} | ${ms(p50)} | ${ms(p99)} | ${ms(max)} |`;
  });
  return [
    `| logins at once                           |  runs | p50 (ms) | p99 (ms) | max (ms) |`,
    `| ---------------------------------------- | ----: | -------: | -------: | -------: |`,
    ...lines,
  ].join('\n');
}
