import { Client, readiness } from '../client.js';
import { Postgres } from '../postgres.js';
import type { Scenario } from '../scenario.js';

export const plain: Scenario = {
  name: 'plain',
  title: "PostgreSQL of the distribution, an ordinary role: jobs run, ready is 'ok'",
  async run(stage) {
    const postgres = await Postgres.start(stage);
    const product = await stage.whole(postgres);
    const client = await Client.of(product);
    await client.complete('plain');
    const { status, body } = await readiness(product);
    if (status !== 200) throw new Error(`ready is ${status}: ${JSON.stringify(body)}`);
    const [version] = await postgres.ask<{ server_version: string }>('SHOW server_version');
    return `PostgreSQL ${version?.server_version}`;
  },
};
