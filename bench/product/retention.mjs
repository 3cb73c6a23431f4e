import { compiled } from '../frame/compiled.mjs';
import { percentile } from '../frame/statistics.mjs';
import { environmentFor, makeTables } from '../subjects/support/punctual.mjs';
import { fillWithOldHistory, patientSource } from './support/old-history.mjs';

/**
 * Runs of recurring jobs, and one-time jobs with theirs, among as many that are young, by the program's own pruner with its
 * own pauses.
 *
 * @type {import('../subject.d.ts').Scenario}
 */
export const scenario = {
  name: 'retention',
  title: 'Retention: how fast old history goes',
  seconds: 45,
  async run(services, { quick, say }) {
    const environment = environmentFor(services, { RETENTION_BATCH_SIZE: '1000' });
    await makeTables(environment);
    const { readConfig } = await compiled('config/config.js');
    const config = readConfig(environment);
    const source = await patientSource(config);
    try {
      const runs = quick ? 20_000 : 200_000;
      await fillWithOldHistory(source, runs);
      say(`${runs.toLocaleString('en')} runs are there`);
      return [await measure(source, config, runs)];
    } finally {
      await source.destroy();
    }
  },
};

/**
 * @param {import('typeorm').DataSource} source
 * @param {import('../../src/config/config.js').Config} config
 * @param {number} runs that there are
 * @returns {Promise<import('../subject.d.ts').Table>}
 */
async function measure(source, config, runs) {
  const [{ TypeormTransactionRunner }, { SystemClock }, { Prunables }, { Pruner }, { RunRetention }, repositories] =
    await Promise.all([
      compiled('database/typeorm-transaction-runner.js'),
      compiled('kernel/clock.js'),
      compiled('kernel/retention.js'),
      compiled('retention/services/pruner.js'),
      compiled('runs/history/services/run-retention.js'),
      runRepositories(source),
    ]);
  const prunables = new Prunables();
  new RunRetention(prunables, config, new TypeormTransactionRunner(source), ...repositories);
  /** @type {Map<string, { rows: number, stepsMs: number[] }>} */
  const seen = new Map();
  const metrics = {
    pruned: (/** @type {string} */ what, /** @type {number} */ rows, /** @type {number} */ durationMs) => {
      const sum = seen.get(what) ?? { rows: 0, stepsMs: [] };
      sum.rows += rows;
      sum.stepsMs.push(durationMs);
      seen.set(what, sum);
    },
  };
  const [{ at }] = await source.query('SELECT pg_current_wal_lsn() AS at');
  const startedMs = performance.now();
  await new Pruner(prunables, metrics, new SystemClock(), config).prune();
  const seconds = (performance.now() - startedMs) / 1_000;
  const [{ bytes }] = await source.query('SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), $1)::float8 AS bytes', [at]);
  const [{ left }] = await source.query('SELECT count(*)::integer AS left FROM runs');
  const gone = runs - left;
  return {
    title: `Retention: ${gone.toLocaleString('en')} of ${runs.toLocaleString('en')} runs are old`,
    columns: ['what', 'gone', 'a second of work', 'step p50, ms', 'step p99, ms', 'step max, ms'],
    rows: [...seen]
      .filter(([, { rows }]) => rows > 0)
      .map(([what, { rows, stepsMs }]) => [
        what,
        rows,
        Math.round(rows / (stepsMs.reduce((sum, ms) => sum + ms, 0) / 1_000)),
        ...[0.5, 0.99, 1].map((share) => percentile(stepsMs, share)),
      ]),
    note: `With its pauses ${Math.round(gone / seconds).toLocaleString('en')} runs a second, ${Math.round(bytes / gone)} bytes of WAL a run.`,
  };
}

/** @param {import('typeorm').DataSource} source */
async function runRepositories(source) {
  const [{ TypeormRunHistory }, { TypeormBackfillRepository }, { TypeormLedgerChecks }] = await Promise.all([
    compiled('runs/history/repositories/typeorm-run-history.js'),
    compiled('runs/backfills/repositories/typeorm-backfill.repository.js'),
    compiled('runs/ledger/repositories/typeorm-ledger-checks.js'),
  ]);
  return /** @type {const} */ ([
    new TypeormRunHistory(source),
    new TypeormBackfillRepository(source),
    new TypeormLedgerChecks(source),
  ]);
}
