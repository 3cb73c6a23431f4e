import pg from 'pg';
import type { PoolClient, PoolConfig } from 'pg';
import type { DataSource } from 'typeorm';
import { WatchedClient } from './watched-client.js';
import type { WatchedOptions } from './watched-client.js';

type Connected = (error: Error | undefined, client: PoolClient | undefined, done: (release?: unknown) => void) => void;

/** Code of a connection that the pool could not hand out in time. */
const poolTimeout = 'POOL_TIMEOUT';

/** pg's own pool, of watched connections, whose time-out tells itself by its code: pg-pool gives it a message only. */
export class CodedPool extends pg.Pool {
  constructor(options: PoolConfig & WatchedOptions = {}) {
    super({ ...options, Client: WatchedClient });
  }

  override connect(): Promise<PoolClient>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<PoolClient> | void {
    if (!callback) return super.connect().catch((error: unknown) => Promise.reject(coded(error as Error)));
    super.connect((error, client, done) => callback(error && coded(error), client, done));
  }
}

/** The pool behind a data source that has been initialised. */
export function poolOf({ driver }: DataSource): CodedPool {
  if ('master' in driver && driver.master instanceof CodedPool) return driver.master;
  throw new TypeError('This data source has no pool of ours.');
}

const coded = (error: NodeJS.ErrnoException): Error =>
  error.code ? error : Object.assign(error, { code: poolTimeout });
