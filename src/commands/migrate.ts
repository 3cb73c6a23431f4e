import { writeFile } from 'node:fs/promises';
import type { DataSource } from 'typeorm';
import { SystemClock } from '../kernel/clock.js';
import { StuckCommitError, mustCommit } from '../database/commits.js';
import { unhurriedDataSource } from '../data-source.js';
import { commandConfig, runCommand, withDataSource } from './command.js';

const failureCode = 1;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function run(dataSource: DataSource): Promise<void> {
  const applied = await dataSource.runMigrations();
  say(applied.length === 0 ? 'The schema is up to date.' : `Applied: ${applied.map(({ name }) => name).join(', ')}`);
}

async function revert(dataSource: DataSource): Promise<void> {
  await dataSource.undoLastMigration();
  say('Reverted the latest migration.');
}

/** Writes a migration that takes the database's schema to that of the entities. */
async function generate(dataSource: DataSource, title: string | undefined): Promise<void> {
  if (!title || !/^[A-Z][A-Za-z0-9]*$/.test(title)) throw new Error('Give a name, such as AddJobPriority.');
  const { upQueries, downQueries } = await dataSource.driver.createSchemaBuilder().log();
  if (upQueries.length === 0) {
    say('Nothing to do: entities and schema agree.');
    return;
  }
  const statements = (queries: { query: string }[]): string =>
    queries.map(({ query }) => `    await runner.query(${JSON.stringify(query)});`).join('\n');
  const stamp = new SystemClock().now().getTime();
  const name = `${title}${stamp}`;
  const file = `src/database/migrations/${stamp}-${title}.ts`;
  await writeFile(
    file,
    `import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ${name} implements MigrationInterface {
  name = '${name}';

  async up(runner: QueryRunner): Promise<void> {
${statements(upQueries)}
  }

  async down(runner: QueryRunner): Promise<void> {
${statements(downQueries.reverse())}
  }
}
`,
  );
  say(`Wrote ${file}. Read it, then add it to src/database/migrations/index.ts.`);
}

/** Proves that PostgreSQL can commit, before a migration begins. Otherwise ends the process: closing a stuck connection would wait, too. */
async function commitOrExit(dataSource: DataSource, limitMs: number): Promise<void> {
  try {
    await mustCommit(dataSource, limitMs);
  } catch (error) {
    if (!(error instanceof StuckCommitError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(failureCode);
  }
}

const [command, argument] = process.argv.slice(2);
await runCommand(failureCode, async () => {
  const config = commandConfig();
  await withDataSource(unhurriedDataSource(config), async (dataSource) => {
    if (command === 'run' || command === 'revert') await commitOrExit(dataSource, config.database.statementTimeoutMs);
    if (command === 'run') await run(dataSource);
    else if (command === 'revert') await revert(dataSource);
    else if (command === 'generate') await generate(dataSource, argument);
    else throw new Error('Usage: migrate run | revert | generate <Name>');
  });
  return 0;
});
