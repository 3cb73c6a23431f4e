import { readConfig } from '../dist/config/config.js';
import { newDataSource } from '../dist/database/data-source.js';
import { TypeormJobPlans } from '../dist/jobs/repositories/typeorm-job-plans.js';
import { TypeormJobRepository } from '../dist/jobs/repositories/typeorm-job.repository.js';
import { TypeormRunLeases } from '../dist/runs/repositories/typeorm-run-leases.js';

/**
 * Prints how PostgreSQL goes about the ticker's, the claim's and the list's statement, as the product sends them.
 *
 * @param {Record<string, string>} environment of the product
 */
export async function printPlans(environment) {
  const config = readConfig(environment);
  const database = newDataSource(config);
  /** @type {{ query: string, parameters: unknown[] } | undefined} */
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
    const claimant = { workerId: 'bench', leaseMs: 10_000, aheadMs: 100 };
    /** @type {[string, () => Promise<unknown>][]} */
    const statements = [
      ['ticker', () => database.transaction((tx) => new TypeormJobPlans(database).lockDue(tx, 60_000, 500))],
      [
        'claim',
        () =>
          new TypeormRunLeases(database, config).claim(
            near.map(({ id }) => id),
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
      console.log(`\n${name}:\n${rows.map((row) => `  ${row['QUERY PLAN']}`).join('\n')}`);
    }
  } finally {
    await database.destroy();
  }
}
