import { compiled } from './frame/compiled.mjs';

/** @type {typeof import('../src/config/config.js')} */
const { readConfig } = await compiled('config/config.js');
/** @type {typeof import('../src/database/data-source.js')} */
const { newDataSource } = await compiled('database/data-source.js');
/** @type {typeof import('../src/database/typeorm-transaction-runner.js')} */
const { TypeormTransactionRunner } = await compiled('database/typeorm-transaction-runner.js');
/** @type {typeof import('../src/jobs/repositories/typeorm-job-plans.js')} */
const { TypeormJobPlans } = await compiled('jobs/repositories/typeorm-job-plans.js');
/** @type {typeof import('../src/jobs/repositories/typeorm-job.repository.js')} */
const { TypeormJobRepository } = await compiled('jobs/repositories/typeorm-job.repository.js');
/** @type {typeof import('../src/runs/repositories/typeorm-run-leases.js')} */
const { TypeormRunLeases } = await compiled('runs/repositories/typeorm-run-leases.js');

/**
 * Prints how PostgreSQL goes about the ticker's, the claim's and the list's statement, as the product sends them.
 *
 * @param {Record<string, string>} environment of the product
 */
export async function printPlans(environment) {
  const config = readConfig(environment);
  const database = newDataSource(config);
  /** @type {{ query: string, parameters: unknown } | undefined} */
  let sent;
  const nothing = () => undefined;
  database.setOptions({
    logging: ['query'],
    logger: {
      logQuery: (query, parameters) => {
        if (/jobs j|runs r/.test(query)) sent ??= { query, parameters: parameters ?? [] };
      },
      logQueryError: nothing,
      logQuerySlow: nothing,
      logSchemaBuild: nothing,
      logMigration: nothing,
      log: nothing,
    },
  });
  await database.initialize();
  try {
    const [{ user_id: owner }] = await database.query('SELECT user_id FROM jobs LIMIT 1');
    const near = await database.query('SELECT id FROM runs ORDER BY due_at DESC LIMIT 100');
    const transactions = new TypeormTransactionRunner(database);
    const reserved = { query: () => Promise.reject(new Error('No lease is renewed here.')) };
    const claimant = { workerId: 'bench', leaseMs: 10_000, aheadMs: 100 };
    /** @type {[string, () => Promise<unknown>][]} */
    const statements = [
      ['ticker', () => transactions.run((tx) => new TypeormJobPlans(database).lockDue(tx, 60_000, 500))],
      [
        'claim',
        () =>
          new TypeormRunLeases(database, config, reserved).claim(
            near.map((/** @type {{ id: string }} */ { id }) => id),
            claimant,
          ),
      ],
      ['list, page 1', () => new TypeormJobRepository(database).list(owner, {}, { page: 1, limit: 20 })],
    ];
    for (const [name, send] of statements) {
      sent = undefined;
      await send();
      if (!sent) throw new Error(`Nothing was sent for the ${name}`);
      const { query, parameters } = sent;
      const rows = await database.query(`EXPLAIN (ANALYZE, COSTS OFF, BUFFERS OFF, SUMMARY ON) ${query}`, parameters);
      console.log(
        `\n${name}:\n${rows.map((/** @type {Record<string, string>} */ row) => `  ${row['QUERY PLAN']}`).join('\n')}`,
      );
    }
  } finally {
    await database.destroy();
  }
}
