import { Socket } from 'node:net';
import pg from 'pg';
import type { ClientConfig } from 'pg';

/** What `WatchedClient` takes besides pg's own options. */
export interface WatchedOptions {
  /** Ms without a byte from PostgreSQL while a statement is under way, after which the connection is given up; 0 is never. */
  silenceMs?: number;
}

/**
 * pg's own client that does not wait for ever on a connection that died without a reset. It closes such a connection with
 * `ETIMEDOUT`, so that all that knows a broken connection (pool, retries, problem details) knows this one too. pg's
 * `query_timeout` would fail the statement and hand the dead connection to the next one.
 */
export class WatchedClient extends pg.Client {
  constructor(options: ClientConfig & WatchedOptions = {}) {
    const socket = new Socket();
    const { password, silenceMs = 0 } = options;
    // pg hides the password of a pool's options from being copied.
    super({ ...options, password, stream: () => socket });
    const isIdle = (): void => void socket.setTimeout(0);
    socket.on('timeout', () => socket.destroy(silent(silenceMs)));
    this.on('drain', isIdle);
    const query = this.query.bind(this);
    this.query = ((...statement: Parameters<typeof query>) => {
      socket.setTimeout(silenceMs);
      return query(...statement);
    }) as typeof this.query;
  }
}

const silent = (ms: number): Error =>
  Object.assign(new Error(`PostgreSQL has not answered for ${ms} ms; the connection is given up`), {
    code: 'ETIMEDOUT',
  });
