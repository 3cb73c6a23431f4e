import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { newDataSource } from '../../src/data-source.js';
import { migrations } from '../../src/database/migrations/index.js';
import { startServices } from '../support/services.js';
import type { Services } from '../support/services.js';

let services: Services;
let database: DataSource;

beforeAll(async () => {
  services = await startServices();
  database = await newDataSource(services.config()).initialize();
  await database.query('DROP SCHEMA public CASCADE');
  await database.query('CREATE SCHEMA public');
});

afterAll(async () => {
  await database.destroy();
  await services.drop();
});

/** Everything that migrations make, as lines: columns, indexes, constraints, tables' settings and functions. TypeORM's own table is not among them. */
async function schema(): Promise<string[]> {
  const rows = await database.query<{ line: string }[]>(`
    SELECT format('%s.%s %s %s %s', table_name, column_name, data_type, is_nullable, column_default) AS line
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'migrations'
    UNION ALL
    SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'migrations'
    UNION ALL
    SELECT format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND conrelid <> 0 AND conrelid::regclass::text <> 'migrations'
    UNION ALL
    SELECT format('%s (%s)', oid::regclass, reloptions) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND reloptions IS NOT NULL
    UNION ALL
    SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    ORDER BY line`);
  return rows.map(({ line }) => line);
}

const migrateUp = () => database.runMigrations();

async function migrateDown(): Promise<void> {
  for (const _ of migrations) await database.undoLastMigration();
}

describe('the migrations', () => {
  it('are listed oldest first, each under its own name', () => {
    const stamps = migrations.map((migration) => Number(/\d{13}$/.exec(migration.name)?.[0]));
    expect(stamps).toEqual([...new Set(stamps)].sort((a, b) => a - b));
    expect(migrations.map((migration) => new migration().name)).toEqual(migrations.map(({ name }) => name));
  });

  it('go up, down to nothing, and up again to the same', async () => {
    expect(await migrateUp()).toHaveLength(migrations.length);
    const first = await schema();
    expect(first.length).toBeGreaterThan(100);
    await migrateDown();
    expect(await schema()).toEqual([]);
    await migrateUp();
    expect(await schema()).toEqual(first);
  });

  it('undo each step exactly', async () => {
    const runner = database.createQueryRunner();
    await migrateDown();
    for (const migration of migrations) {
      const before = await schema();
      const step = new migration();
      await step.up(runner);
      const after = await schema();
      expect(after).not.toEqual(before);
      await step.down(runner);
      expect(await schema()).toEqual(before);
      await step.up(runner);
      expect(await schema()).toEqual(after);
    }
    for (const migration of [...migrations].reverse()) await new migration().down(runner);
    await runner.release();
    await migrateUp();
  });

  it('are applied once', async () => {
    expect(await migrateUp()).toEqual([]);
  });

  it('make the schema that the entities describe', async () => {
    const { upQueries } = await database.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });
});
