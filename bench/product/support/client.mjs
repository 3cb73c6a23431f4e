import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { percentile } from '../../frame/statistics.mjs';

const patienceMs = 120_000;

/** Speaks to the program as one user. */
export class ApiClient {
  #pool;
  #headers;

  /**
   * @param {string} origin
   * @param {string} token
   */
  constructor(origin, token) {
    this.#pool = new Pool(origin, { connections: 1 });
    this.#headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  }

  /**
   * @param {string} path
   * @param {object} [body] makes it a POST
   * @returns {Promise<any>} the answer
   * @throws {Error} for anything but a 2xx
   */
  async ask(path, body) {
    const answer = await this.#pool.request({
      method: body ? 'POST' : 'GET',
      path,
      headers: this.#headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`${path} was answered ${answer.statusCode}: ${text.slice(0, 300)}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  /**
   * Asks one request after the other, the first three for nothing; a slow one less often, but at least five times.
   *
   * @param {string} path
   * @param {number} times
   * @param {number} [budgetMs]
   * @returns {Promise<{ p50: number, p99: number, times: number }>} ms
   */
  async time(path, times, budgetMs = 3_000) {
    for (let round = 0; round < 3; round += 1) await this.ask(path);
    const taken = [];
    for (const until = performance.now() + budgetMs; taken.length < times;) {
      const began = performance.now();
      await this.ask(path);
      taken.push(performance.now() - began);
      if (taken.length >= 5 && performance.now() > until) break;
    }
    return { p50: percentile(taken, 0.5), p99: percentile(taken, 0.99), times: taken.length };
  }

  close() {
    return this.#pool.close();
  }
}

/**
 * @param {() => Promise<boolean>} fulfilled
 * @param {string} what
 */
export async function eventually(fulfilled, what) {
  for (const deadline = performance.now() + patienceMs; !(await fulfilled()); await sleep(20)) {
    if (performance.now() > deadline) throw new Error(`${what}: not so after ${patienceMs / 1_000} s.`);
  }
}

/**
 * @param {number} pid
 * @returns {number} resident memory, MB; NaN where there is no /proc
 */
export function residentMb(pid) {
  try {
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? NaN) / 1_024;
  } catch {
    return NaN;
  }
}

/**
 * @param {import('../../subject.d.ts').Services['redis']} redis
 * @returns {Promise<number>} memory of its data, MB
 */
export async function redisMb({ url }) {
  const { Redis } = await import('ioredis');
  const redis = new Redis(url);
  try {
    return Number(/used_memory:(\d+)/.exec(await redis.info('memory'))?.[1] ?? NaN) / 2 ** 20;
  } finally {
    redis.disconnect();
  }
}
