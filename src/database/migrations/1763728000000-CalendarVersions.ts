import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A table whose schedules name calendars, with the columns of its primary key, their types, and what lies before all keys. */
interface Scheduled {
  table: string;
  key: { column: string; type: string; first: string }[];
}

const id = (column: string) => ({ column, type: 'uuid', first: '00000000-0000-0000-0000-000000000000' });
const tables: Scheduled[] = [
  { table: 'jobs', key: [id('id')] },
  { table: 'job_versions', key: [id('job_id'), { column: 'version', type: 'integer', first: '0' }] },
  { table: 'backfills', key: [id('id')] },
];
/** Schedules that one statement converts: each may hold half a megabyte of days. */
const rowsAtATime = 50;

/**
 * Schedules name calendars with a version, and the days live in `calendar_versions`; before, each schedule had a copy of them.
 * Each step commits by itself, so that no table is locked for long; a migration that was broken off is run again. Going back is one transaction.
 */
export class CalendarVersions1763728000000 implements MigrationInterface {
  name = 'CalendarVersions1763728000000';
  transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE calendars ADD COLUMN IF NOT EXISTS changing boolean NOT NULL DEFAULT false`);
    await runner.query(`CREATE INDEX IF NOT EXISTS calendars_changing ON calendars (id) WHERE changing`);
    await runner.query(`
      CREATE TABLE IF NOT EXISTS calendar_versions (
        calendar_id uuid NOT NULL,
        version integer NOT NULL,
        name text NOT NULL,
        days jsonb NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT calendar_versions_pkey PRIMARY KEY (calendar_id, version)
      )`);
    await runner.query(`
      INSERT INTO calendar_versions (calendar_id, version, name, days, created_at)
      SELECT id, version, name, days, updated_at FROM calendars
      ON CONFLICT DO NOTHING`);
    for (const scheduled of tables) {
      await inBatches(runner, scheduled, (keys) => nameVersions(runner, scheduled, keys));
      const { table } = scheduled;
      await runner.query(`DROP INDEX CONCURRENTLY IF EXISTS ${table}_by_calendar`);
      await runner.query(`
        CREATE INDEX CONCURRENTLY ${table}_by_calendar ON ${table} USING gin ((schedule -> 'calendars') jsonb_path_ops)
        WHERE schedule ? 'calendars'`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const scheduled of tables) {
      await runner.query(`DROP INDEX IF EXISTS ${scheduled.table}_by_calendar`);
      await inBatches(runner, scheduled, (keys) => copyDays(runner, scheduled, keys));
    }
    await runner.query(`DROP TABLE IF EXISTS calendar_versions`);
    await runner.query(`ALTER TABLE calendars DROP COLUMN IF EXISTS changing`);
  }
}

/** The keys of some rows, a list for each column. */
type Keys = unknown[][];

/** Goes through the rows of the table that name calendars, in the order of the primary key. */
async function inBatches(
  runner: QueryRunner,
  { table, key }: Scheduled,
  convert: (keys: Keys) => Promise<void>,
): Promise<void> {
  const columns = key.map(({ column }) => column);
  const after = key.map(({ type }, index) => `$${index + 1}::${type}`);
  let last: unknown[] = key.map(({ first }) => first);
  for (;;) {
    const rows = (await runner.query(
      `SELECT ${columns.join(', ')} FROM ${table}
       WHERE (${columns.join(', ')}) > (${after.join(', ')}) AND schedule ? 'calendars'
       ORDER BY ${columns.join(', ')} LIMIT ${rowsAtATime}`,
      last,
    )) as Record<string, unknown>[];
    if (rows.length === 0) return;
    const keys = columns.map((column) => rows.map((row) => row[column]));
    await convert(keys);
    last = keys.map((values) => values.at(-1));
  }
}

/** Whether a row is one of those with the keys that are the statement's parameters. */
function isChosen({ key }: Scheduled): string {
  const lists = key.map(({ type }, index) => `$${index + 1}::${type}[]`);
  return `(${key.map(({ column }) => column).join(', ')}) IN (SELECT * FROM unnest(${lists.join(', ')}))`;
}

/** A copy that differs from all versions known becomes one of its own, numbered downwards from the oldest. */
async function nameVersions(runner: QueryRunner, scheduled: Scheduled, keys: Keys): Promise<void> {
  await runner.query(
    `WITH copies AS (
       SELECT DISTINCT (copy ->> 'id')::uuid AS id, copy ->> 'name' AS name, copy -> 'days' AS days
       FROM ${scheduled.table}, jsonb_array_elements(schedule -> 'calendars') AS copy
       WHERE ${isChosen(scheduled)} AND copy ? 'days'
     )
     INSERT INTO calendar_versions (calendar_id, version, name, days)
     SELECT c.id, coalesce((SELECT min(version) FROM calendar_versions v WHERE v.calendar_id = c.id), 1)
              - row_number() OVER (PARTITION BY c.id), c.name, c.days
     FROM copies c
     WHERE NOT EXISTS (
       SELECT FROM calendar_versions v WHERE v.calendar_id = c.id AND v.name = c.name AND v.days = c.days)`,
    keys,
  );
  const versionOf = `(
    SELECT max(version) FROM calendar_versions v
    WHERE v.calendar_id = (named ->> 'id')::uuid AND v.name = named ->> 'name' AND v.days = named -> 'days')`;
  await replaceEach(
    runner,
    scheduled,
    keys,
    `CASE WHEN named ? 'days' THEN jsonb_build_object('id', named -> 'id', 'version', ${versionOf}) ELSE named END`,
  );
}

function copyDays(runner: QueryRunner, scheduled: Scheduled, keys: Keys): Promise<void> {
  const copy = `(
    SELECT jsonb_build_object('id', named -> 'id', 'name', v.name, 'days', v.days) FROM calendar_versions v
    WHERE v.calendar_id = (named ->> 'id')::uuid AND v.version = (named ->> 'version')::integer)`;
  return replaceEach(runner, scheduled, keys, `CASE WHEN named ? 'days' THEN named ELSE ${copy} END`);
}

/** @param by SQL of what takes the place of a calendar `named` in a schedule */
async function replaceEach(runner: QueryRunner, scheduled: Scheduled, keys: Keys, by: string): Promise<void> {
  await runner.query(
    `UPDATE ${scheduled.table} SET schedule = jsonb_set(schedule, '{calendars}', coalesce((
       SELECT jsonb_agg(${by} ORDER BY n)
       FROM jsonb_array_elements(schedule -> 'calendars') WITH ORDINALITY AS all_named (named, n)), '[]'))
     WHERE ${isChosen(scheduled)}`,
    keys,
  );
}
