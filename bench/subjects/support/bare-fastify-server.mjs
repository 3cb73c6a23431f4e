// The least that a service which takes jobs over HTTP has to do: check a token, write a row, commit, answer.
import { createSecretKey, randomUUID } from 'node:crypto';
import Fastify from 'fastify';
import jwt from 'jsonwebtoken';
import pg from 'pg';

const { DATABASE_URL: connectionString, JWT_SECRET: secret = '' } = process.env;
const key = createSecretKey(Buffer.from(secret));
const client = new pg.Client({ connectionString });
await client.connect();
await client.query(`
  CREATE TABLE jobs (
    id uuid PRIMARY KEY, user_id text NOT NULL, name text NOT NULL, handler text NOT NULL, payload jsonb NOT NULL,
    run_at timestamptz NOT NULL, created_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE INDEX jobs_due ON jobs (run_at)`);

const insert = {
  name: 'insert',
  text: `INSERT INTO jobs (id, user_id, name, handler, payload, run_at)
         SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::jsonb[], $6::timestamptz[])`,
};

/** @typedef {{ name: string, handler: string, payload: object, run_at: string }} Body */
/** @typedef {{ id: string, user: string, job: Body }} Row */

/** @type {Row[]} */
let gathered = [];
/** @type {Promise<unknown>} */
let commit = Promise.resolve();

/**
 * @param {Row[]} rows
 * @returns {Promise<unknown>} resolves once they are committed, together with all that came meanwhile
 */
function store(rows) {
  if (gathered.length === 0) {
    commit = commit.then(() => {
      const batch = gathered;
      gathered = [];
      const column = (/** @type {(row: Row) => unknown} */ of) => batch.map(of);
      return client.query(insert, [
        column(({ id }) => id),
        column(({ user }) => user),
        column(({ job }) => job.name),
        column(({ job }) => job.handler),
        column(({ job }) => JSON.stringify(job.payload)),
        column(({ job }) => job.run_at),
      ]);
    });
  }
  gathered.push(...rows);
  return commit;
}

/** @param {string | undefined} header @returns {string} user */
function userOf(header = '') {
  const claims = /** @type {{ sub: string }} */ (jwt.verify(header.slice('Bearer '.length), key));
  return claims.sub;
}

const server = Fastify({ bodyLimit: 16 * 2 ** 20 });
server.post('/jobs', async (request, reply) => {
  const row = {
    id: randomUUID(),
    user: userOf(request.headers.authorization),
    job: /** @type {Body} */ (request.body),
  };
  await store([row]);
  return reply.code(201).send({ id: row.id, ...row.job });
});
server.post('/jobs/bulk', async (request, reply) => {
  const user = userOf(request.headers.authorization);
  const rows = /** @type {{ jobs: Body[] }} */ (request.body).jobs.map((job) => ({ id: randomUUID(), user, job }));
  await store(rows);
  return reply.code(201).send({ jobs: rows.map(({ id }) => ({ id })) });
});
process.once('disconnect', () => process.exit(0)); // the bench is done, or gone
process.send?.({ origin: await server.listen({ host: '127.0.0.1', port: 0 }) });
