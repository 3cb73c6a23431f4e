// npm test [tier…] [Jest's arguments]: tiers are unit, integration, e2e and faults; all of them by default, and those of
// Jest where only arguments for Jest are given. Of the faults it is the quick selection (npm run test:faults has them all).
// Integration and e2e get a private PostgreSQL and Redis that live as long as the run.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureBuilt } from './local/build.mjs';
import { ensureDatabase, migrate } from './local/database.mjs';
import { databaseEnvironment, enterProject } from './local/environment.mjs';
import { interruption } from './local/interruption.mjs';
import { Keeper } from './local/keeper.mjs';
import { startPostgres } from './local/postgres.mjs';
import { runTask } from './local/processes.mjs';
import { allSteps, printFailure, step } from './local/progress.mjs';
import { startRedis } from './local/redis.mjs';

const jestTiers = ['unit', 'integration', 'e2e'];
const tiers = [...jestTiers, 'faults'];
const template = 'punctual_template';
/** Every suite has its own database, and every application in it a pool. */
const maxConnections = 200;

const interrupted = interruption();
const keeper = new Keeper();
const folder = mkdtempSync(join(tmpdir(), 'punctual-test-'));
/** @type {string | undefined} */
let summary;
try {
  enterProject();
  const [chosen, jestArguments] = readArguments(process.argv.slice(2));
  const forJest = chosen.filter((tier) => tier !== 'faults');
  /** @type {Counts[]} */
  const counts = [];
  if (forJest.length > 0) counts.push(await runJest(forJest, jestArguments));
  interrupted.throwIfAborted();
  if (chosen.includes('faults')) counts.push(await runFaults());
  summary = summaryOf(counts);
  process.exitCode = counts.every(({ ok }) => ok) ? 0 : 1;
} catch (error) {
  if (!interrupted.aborted) printFailure(error);
  process.exitCode = 1;
} finally {
  await keeper.stopAll(['Redis', 'PostgreSQL']);
  rmSync(folder, { recursive: true, force: true });
}
if (summary) console.log(`\n${summary}`);
process.exit();

/**
 * @param {string[]} words of the command line
 * @returns {[string[], string[]]} tiers, and what is for Jest
 */
function readArguments(words) {
  const first = words.findIndex((word) => !tiers.includes(word));
  const count = first === -1 ? words.length : first;
  const every = words.length === 0 ? tiers : jestTiers;
  return [count === 0 ? every : words.slice(0, count), words.slice(count)];
}

/**
 * @typedef {{ ok: boolean, passed: number, failed: number, skipped: number }} Counts
 *
 * @param {string[]} chosen
 * @param {string[]} jestArguments
 * @returns {Promise<Counts>}
 */
async function runJest(chosen, jestArguments) {
  const servers = chosen.some((tier) => tier !== 'unit') ? await startServers() : {};
  interrupted.throwIfAborted();
  const report = join(folder, 'jest.json');
  const { ok } = await runTask(jestLine(chosen, jestArguments, report), {
    env: { ...process.env, NODE_ENV: 'test', ...servers },
    show: true,
  });
  return { ok, ...countsOfJest(report) };
}

/** @returns {Promise<Counts>} */
async function runFaults() {
  const report = join(folder, 'faults.json');
  const line = [process.execPath, '--import', './scripts/local/typescript.mjs', 'test/faults/run.ts'];
  const { ok } = await runTask([...line, '--quick', '--counts', report], { show: true });
  if (!existsSync(report)) return { ok: false, passed: 0, failed: 1, skipped: 0 };
  return { ok, skipped: 0, ...JSON.parse(readFileSync(report, 'utf8')) };
}

/**
 * Brings up what integration and e2e need.
 *
 * @returns {Promise<Record<string, string>>} where it is
 */
async function startServers() {
  const [, postgres, redis] = await allSteps([
    step('Build', ensureBuilt, String),
    step('PostgreSQL', async () =>
      keeper.hold(
        'PostgreSQL',
        await startPostgres({ directory: join(folder, 'postgres'), durable: false, maxConnections }),
      ),
    ),
    step('Redis', async () => keeper.hold('Redis', await startRedis({ directory: folder }))),
  ]);
  await step('Template database', async () => {
    await ensureDatabase(postgres, template);
    await migrate(['run'], { ...databaseEnvironment(postgres), DB_DATABASE: template });
  });
  return {
    TEST_PG_HOST: postgres.host,
    TEST_PG_PORT: String(postgres.port),
    TEST_PG_USERNAME: postgres.username,
    TEST_PG_PASSWORD: postgres.password,
    TEST_PG_TEMPLATE: template,
    TEST_REDIS_HOST: redis.host,
    TEST_REDIS_PORT: String(redis.port),
  };
}

/**
 * @param {string[]} chosen
 * @param {string[]} jestArguments
 * @param {string} report where Jest writes its results
 */
function jestLine(chosen, jestArguments, report) {
  const node = [process.execPath, '--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
  const flags = ['--maxWorkers=2', '--json', `--outputFile=${report}`];
  return [...node, 'node_modules/jest/bin/jest.js', '--selectProjects', ...chosen, ...flags, ...jestArguments];
}

/** @param {string} report */
function countsOfJest(report) {
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 }; // Jest itself has failed, and said why
  const results = JSON.parse(readFileSync(report, 'utf8'));
  return {
    passed: results.numPassedTests,
    // A suite that cannot even be loaded has no failed test, and is a failure all the same.
    failed: results.numFailedTests + results.numRuntimeErrorTestSuites,
    skipped: results.numPendingTests + results.numTodoTests,
  };
}

/**
 * @param {Counts[]} counts
 * @returns {string}
 */
function summaryOf(counts) {
  const sum = (/** @type {'passed' | 'failed' | 'skipped'} */ kind) => counts.reduce((all, one) => all + one[kind], 0);
  const skipped = sum('skipped');
  return `${sum('passed')} passed, ${sum('failed')} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
