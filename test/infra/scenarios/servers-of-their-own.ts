import { closeBooks, recurring } from '../books.js';
import { Client, readiness } from '../client.js';
import { Postgres } from '../postgres.js';
import type { Scenario } from '../scenario.js';
import { seconds } from '../seconds.js';

/** A server, a database and a role that say otherwise than usual in all that a session takes from them. */
export const foreignFormats: Scenario = {
  name: 'formats',
  title: 'DateStyle German, other intervals, zone, isolation and escapes: jobs run, and no time is misread',
  async run(stage) {
    const postgres = await Postgres.start(stage, {
      settings: {
        ...{ DateStyle: 'German, DMY', IntervalStyle: 'sql_standard', TimeZone: 'Asia/Kolkata' },
        ...{ default_transaction_isolation: 'serializable', bytea_output: 'escape', extra_float_digits: '0' },
      },
    });
    await postgres.ask(`ALTER ROLE ${Postgres.role.username} SET DateStyle = 'SQL, DMY'`);
    const product = await stage.whole(postgres);
    const client = await Client.of(product);
    await recurring(client, 3, 1_000);
    const before = performance.timeOrigin + performance.now();
    const answers = await client.load(50, seconds(4));
    for (const { body } of answers) {
      const created = Date.parse(String(body['createdAt']));
      if (!(Math.abs(created - before) < 60_000)) throw new Error(`A time is misread: ${JSON.stringify(body)}`);
    }
    return closeBooks({ answers, postgres, products: [product], allowed: [201] });
  },
};

export const ownSchema: Scenario = {
  name: 'own-schema',
  title: 'A role that may do nothing but own one schema: migrations and jobs run there, and nothing is elsewhere',
  async run(stage) {
    const postgres = await Postgres.start(stage);
    const { username, database } = Postgres.role;
    for (const statement of [
      `ALTER DATABASE ${database} OWNER TO postgres`,
      `REVOKE ALL ON DATABASE ${database} FROM PUBLIC, ${username}`,
      `GRANT CONNECT ON DATABASE ${database} TO ${username}`,
      'REVOKE ALL ON SCHEMA public FROM PUBLIC',
      `CREATE SCHEMA app AUTHORIZATION ${username}`,
      `ALTER ROLE ${username} SET search_path = app`,
    ])
      await postgres.ask(statement, database);
    const product = await stage.whole(postgres);
    const client = await Client.of(product);
    await recurring(client, 2, 1_000);
    const answers = await client.load(20, seconds(3));
    const elsewhere = await postgres.ask<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relowner = '${username}'::regrole AND relnamespace NOT IN ('app'::regnamespace, 'pg_toast'::regnamespace)`,
      database,
    );
    if (elsewhere.length > 0) throw new Error(`Outside its schema: ${JSON.stringify(elsewhere)}`);
    const { status, body } = await readiness(product);
    if (status !== 200) throw new Error(`ready is ${status}: ${JSON.stringify(body)}`);
    return closeBooksIn('app', answers, postgres, product);
  },
};

/** The superuser who looks at what was done finds the tables by the same path. */
async function closeBooksIn(
  schema: string,
  answers: Awaited<ReturnType<Client['load']>>,
  postgres: Postgres,
  product: Parameters<typeof readiness>[0],
): Promise<string> {
  await postgres.ask(`ALTER ROLE postgres SET search_path = ${schema}`);
  return closeBooks({ answers, postgres, products: [product], allowed: [201] });
}
