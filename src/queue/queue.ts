import type { QueueOptions } from 'bull';
import type { Config } from '../config/config.js';
import type { RedisConnections } from './redis-connections.js';

/** The one Bull queue: its jobs are doorbells. */
export const doorbellQueue = 'doorbells';
/** Name of the Bull jobs in it. */
export const doorbellName = 'ring';

export interface DoorbellData {
  runIds: string[];
}

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
