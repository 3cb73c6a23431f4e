import type { OpenHandles } from '../ledgers.js';

/** Connections that a pool may keep beyond those it kept when the fleet had just come to rest, in all. */
export const spareConnections = 4;
/** Descriptors that a process may hold beyond those it held then: a log, a look-up, a connection that is kept alive. */
export const spareDescriptors = 6;

/** Connections and descriptors that were not given back. */
export function leaksOf({ before, after }: { before: OpenHandles; after: OpenHandles }): string[] {
  const servers = (['postgres', 'redis'] as const)
    .filter((server) => after[server] > before[server] + spareConnections)
    .map((server) => `${server}: ${before[server]} connections before, ${after[server]} after`);
  const processes = Object.entries(after.descriptors)
    .filter(([name, count]) => count > (before.descriptors[name] ?? Infinity) + spareDescriptors)
    .map(([name, count]) => `${name}: ${before.descriptors[name]} descriptors before, ${count} after`);
  return [...servers, ...processes];
}
