import { Pool } from 'undici';
import { flood } from './paced.mjs';

/**
 * Sends requests over connections that stay open, each waiting for its answer before it sends the next.
 *
 * @param {object} load
 * @param {string} load.origin `http://127.0.0.1:3000`
 * @param {string} load.path
 * @param {string} load.token for `Authorization: Bearer`
 * @param {(request: number) => string} load.body JSON
 * @param {number} load.requests
 * @param {number} load.connections
 * @param {number} load.expected status
 * @param {import('../../subject.d.ts').Meter} load.meter
 * @returns {Promise<number>} the window, ms
 * @throws {Error} on any other answer
 */
export async function httpLoad({ origin, path, token, body, requests, connections, expected, meter }) {
  const pool = new Pool(origin, { connections, pipelining: 1 });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const send = async (/** @type {number} */ request) => {
    const answer = await pool.request({ method: 'POST', path, headers, body: body(request) });
    if (answer.statusCode === expected) return answer.body.dump({ limit: 64 * 2 ** 20 });
    throw new Error(`POST ${path} answered ${answer.statusCode}: ${await answer.body.text()}`);
  };
  try {
    await flood(connections, connections, send); // opens the connections
    return await meter.measure(() => flood(requests, connections, send));
  } finally {
    await pool.close();
  }
}

/**
 * @param {import('../../subject.d.ts').SubmitWay} way one of those over HTTP
 * @returns {{ size: number, connections: number }} jobs in a request
 */
export function httpShape(way) {
  if (way === 'http') return { size: 1, connections: 32 };
  if (way === 'http-bulk-100') return { size: 100, connections: 4 };
  if (way === 'http-bulk-1000') return { size: 1_000, connections: 4 };
  throw new Error(`${way} is not over HTTP.`);
}
