// The counter-example: a scheduler that trusts Bull with everything, under the same address as the product, as far as the
// load asks for it. Roles as there; the ticker has nothing to do.
import { createServer } from 'node:http';
import Bull from 'bull';
import { createTransport } from 'nodemailer';

const { env } = process;
const roles = (env['ROLES'] ?? '').split(',');
const every = 1_000;
const queue = new Bull('plain', {
  prefix: env['REDIS_PREFIX'],
  redis: { host: env['REDIS_HOST'], port: Number(env['REDIS_PORT']) },
  settings: {
    lockDuration: Number(env['LEASE_MS']),
    stalledInterval: 1_000,
    backoffStrategies: { capped: (attempt) => Math.min(100 * 2 ** (attempt - 1), 1_000) },
  },
});
queue.on('error', () => {});
const mailer = createTransport({ host: env['SMTP_HOST'], port: Number(env['SMTP_PORT']), secure: false });

/** @type {Record<string, (job: Bull.Job) => Promise<unknown>>} */
const handlers = {
  http: async (job) => {
    const headers = { 'idempotency-key': String(job.id), 'x-punctual-lease-token': String(job.attemptsMade + 1) };
    const answer = await fetch(job.data.payload.url, { method: 'POST', headers });
    if (!answer.ok) throw new Error(`Answer ${answer.status}`);
  },
  email: (job) =>
    mailer.sendMail({
      ...{ from: 'plain@example.com', ...job.data.payload },
      headers: { 'X-Punctual-Run-Id': String(job.id) },
    }),
  // Redis may forget that it was done: its log does not.
  log: async (job) => console.log(`done ${job.data.name}`),
};

/** @param {any} fields of a submission @returns {any} a job for Bull, whose id is the submission's key: one key, one job */
function bullJob(fields) {
  const { name, type, scheduledAt } = fields;
  const delay = scheduledAt ? Math.max(Date.parse(scheduledAt) - Date.now(), 0) : 0;
  const retries = { attempts: Number(env['MAX_RETRY_ATTEMPTS']) + 1, backoff: { type: 'capped' } };
  const when = type === 'recurring' ? { repeat: { every } } : { delay };
  return { name, data: fields, opts: { jobId: name, ...retries, ...when } };
}

/** @param {string} path @param {any} body */
async function answer(path, body) {
  const [, cancelled] = /^\/jobs\/(.+)\/cancel$/.exec(path) ?? [];
  if (path === '/auth/register') return { access_token: 'nobody asks for it' };
  if (cancelled) return queue.removeRepeatable(cancelled, { every, jobId: cancelled }).then(() => ({}));
  const all = (body.jobs ?? [body]).map(bullJob);
  for (const { name, data, opts } of all) await queue.add(name, data, opts);
  const data = all.map((/** @type {any} */ { name }) => ({ id: name }));
  return body.jobs ? { data } : data[0];
}

const server = createServer((request, reply) => {
  /** @type {Buffer[]} */
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    answer(request.url ?? '', JSON.parse(Buffer.concat(parts).toString() || '{}')).then(
      (body) => reply.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
      () => reply.writeHead(503, { 'retry-after': '1' }).end(),
    );
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (roles.includes('worker'))
    void queue.process('*', Number(env['WORKER_CONCURRENCY']), (job) => handlers[job.data.handler]?.(job));
  process.send?.({ url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}` });
});
process.on('disconnect', () => process.exit());
process.on('SIGTERM', () => {
  const done = () => process.exit(0);
  setTimeout(done, 3_000);
  void queue.close().then(done, done);
});
