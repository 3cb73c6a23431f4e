import { Client, readiness } from '../client.js';
import { pgbouncer } from '../pgbouncer.js';
import { Postgres } from '../postgres.js';
import type { Scenario } from '../scenario.js';

export const pgbouncerSession: Scenario = {
  name: 'pgbouncer-session',
  title: 'PgBouncer in session mode: jobs run',
  async run(stage) {
    const postgres = await Postgres.start(stage);
    const pooler = await pgbouncer(stage, postgres, 'session');
    const product = await stage.whole(postgres, pooler.environment);
    const client = await Client.of(product);
    await client.complete('through the pooler');
    const { status } = await readiness(product);
    if (status !== 200) throw new Error(`ready is ${status}`);
  },
};
