import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { leaksOf } from './checks/leaks.js';
import type { OpenHandles } from './ledgers.js';
import type { System } from './system.js';

/** A pool keeps a connection that it does not need for 10 s, a client one that it keeps alive for 5 s or so. */
const restMs = 20_000;
const everyMs = 500;
const calmLooks = 10;

/** What is held open now: connections as the servers count them, descriptors as the kernel does. */
export async function openHandles(system: System): Promise<OpenHandles> {
  const [row] = await system.query<{ count: number }>(
    `SELECT count(*)::integer AS count FROM pg_stat_activity
     WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`,
  );
  const clients = await system.withRedis((redis) => redis.client('LIST'));
  return {
    postgres: row?.count ?? NaN,
    redis: String(clients).trim().split('\n').length - 1,
    descriptors: Object.fromEntries(system.running().map(({ name, process }) => [name, descriptorsOf(process)])),
  };
}

/** Without the connections that the clients of its API keep alive: those are theirs to close. */
const descriptorsOf = ({ pid, url }: { pid: number; url: string }): number =>
  readdirSync(`/proc/${pid}/fd`).length - keptByClients(Number(new URL(url).port));

const established = '01';

function keptByClients(port: number): number {
  const [, ...lines] = readFileSync('/proc/net/tcp', 'utf8').trim().split('\n');
  return lines.filter((line) => {
    const [, local = '', , state] = line.trim().split(/\s+/);
    return state === established && parseInt(local.split(':')[1] ?? '', 16) === port;
  }).length;
}

/** Linux only: elsewhere nobody looks. */
export const canCountHandles = process.platform === 'linux';

/** Resolves once nothing has been opened or closed for 5 s, or after 20 s. @returns what is held then */
export async function handlesAtRest(system: System): Promise<OpenHandles> {
  let held = await openHandles(system);
  const until = performance.now() + restMs;
  for (let calm = 0; calm < calmLooks && performance.now() < until;) {
    await sleep(everyMs);
    const now = await openHandles(system);
    calm = JSON.stringify(now) === JSON.stringify(held) ? calm + 1 : 0;
    held = now;
  }
  return held;
}

/** Resolves as soon as everything has been given back, or after 20 s. @returns what is held then */
export async function handlesAfter(system: System, before: OpenHandles): Promise<OpenHandles> {
  const until = performance.now() + restMs;
  for (;;) {
    const after = await openHandles(system);
    if (leaksOf({ before, after }).length === 0 || performance.now() > until) return after;
    await sleep(everyMs);
  }
}
