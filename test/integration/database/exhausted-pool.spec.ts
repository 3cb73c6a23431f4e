import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type pg from 'pg';
import { startApp } from '../../support/app.js';
import type { TestApp } from '../../support/app.js';
import { eventually } from '../../support/eventually.js';
import { connectTo } from '../../support/services.js';
import { Sink } from '../../support/sink.js';
import { aUser } from '../../support/user.js';

const leaseMs = 1_500;
const handlerMs = 3_000;

let app: TestApp;
let sink: Sink;
let outside: pg.Client;

beforeAll(async () => {
  app = await startApp({ DB_POOL_SIZE: '3', LEASE_MS: String(leaseMs), RECOVERY_INTERVAL_MS: '100' });
  sink = await Sink.start((_call, reply) => void setTimeout(() => reply.end('done'), handlerMs));
  outside = await connectTo(app.config);
});
afterAll(async () => {
  await outside.end();
  await sink.stop();
  await app.stop();
});

it('a worker whose pool is exhausted for longer than a lease keeps what it holds', async () => {
  const user = await aUser(app);
  const payload = { url: `${sink.url}/slow` };
  await user.post('/jobs', { name: 'slow', type: 'one_time', handler: 'http', payload }).expect(201);
  await eventually(
    () => sink.calls.length,
    (calls) => calls === 1,
  );
  // Twice as many as there are connections: whoever asks for one next waits behind them.
  const seconds = (handlerMs * 0.45) / 1_000;
  const slow = Promise.all(Array.from({ length: 6 }, () => app.database.query('SELECT pg_sleep($1)', [seconds])));
  const untilMs = performance.now() + handlerMs * 0.8;
  while (performance.now() < untilMs) {
    const { rows } = await outside.query(
      `SELECT state, lease_token AS token, lease_until > clock_timestamp() AS alive FROM runs`,
    );
    expect(rows).toEqual([{ state: 'running', token: '1', alive: true }]);
  }
  await slow;
  const [run] = await eventually(
    async () => (await outside.query('SELECT state, lease_token AS token FROM runs')).rows,
    ([{ state }]) => state === 'succeeded',
  );
  expect(run).toMatchObject({ token: '1' });
  expect(sink.calls).toHaveLength(1);
});
