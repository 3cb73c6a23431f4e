import type { QueueOptions } from 'bull';
import { isId } from '../kernel/ids.js';
import type { Config } from '../config/config.js';
import type { RedisConnections } from './redis-connections.js';

/** The one Bull queue: its jobs are doorbells. */
export const doorbellQueue = 'doorbells';
/** Name of the Bull jobs in it. */
export const doorbellName = 'ring';

export interface DoorbellData {
  /** First, for `WaitingDoorbells` counts them by the length of the list. */
  runIds: string[];
  /** Whose they are, in the same order, null where nobody knows; a single one: of all. Earlier versions send none. */
  userIds?: (string | null)[];
}

export function doorbellData(runIds: string[], userIds: (string | null)[]): DoorbellData {
  const isOne = userIds.every((userId) => userId === userIds[0]);
  return { runIds, userIds: isOne ? userIds.slice(0, 1) : userIds };
}

/** The runs that a doorbell names. What is no id is none of ours. */
export function runsNamedIn({ runIds, userIds }: Partial<DoorbellData>): { runId: string; userId: string | null }[] {
  const ownerAt = (at: number): unknown => (userIds?.length === 1 ? userIds[0] : userIds?.[at]);
  return (runIds ?? []).flatMap((runId: unknown, at) => {
    const userId = ownerAt(at);
    return isIdText(runId) ? [{ runId, userId: isIdText(userId) ? userId : null }] : [];
  });
}

const isIdText = (value: unknown): value is string => typeof value === 'string' && isId(value);

/** Bull's options. Bull keeps no history and decides nothing: one delivery, no retries, short locks that nobody relies on. */
export const queueOptions = (config: Config, connections: RedisConnections): QueueOptions => ({
  prefix: config.redis.prefix,
  createClient: (kind) => connections.open(kind),
  settings: {
    lockDuration: 30_000,
    stalledInterval: 30_000,
    maxStalledCount: 1,
    guardInterval: 1_000,
    drainDelay: 5,
    retryProcessDelay: 500,
  },
  defaultJobOptions: { attempts: 1, removeOnComplete: true, removeOnFail: true },
});
