import pg from 'pg';
import type { PoolClient, PoolConfig } from 'pg';
import type { DataSource } from 'typeorm';
import { keepsItsSession } from './pooler.js';
import { WatchedClient } from './watched-client.js';
import type { WatchedOptions } from './watched-client.js';

type Connected = (error: Error | undefined, client: PoolClient | undefined, done: (release?: unknown) => void) => void;

/** Code of a connection that the pool could not hand out in time. */
const poolTimeout = 'POOL_TIMEOUT';

/**
 * Ms between two times at which all connections are given up: a server that takes no writes at all costs a pool's worth of
 * new connections in so long, not one for each statement.
 */
const restMs = 1_000;

/** Ms for which a pooler that was seen to keep sessions apart is not looked at again. */
const knownMs = 5_000;

/**
 * pg's own pool, of watched connections. Its time-out tells itself by its code: pg-pool gives it a message only. When one of its
 * connections meets a server that takes no writes, it hands out none of those that it has opened before: a pool would
 * otherwise keep the sessions of a server that has become a standby for as long as they are busy.
 */
export class CodedPool extends pg.Pool {
  private readonly members = new Set<WatchedClient>();
  private isResting = false;
  private isKnownToKeepSessions = false;
  private readonly forget = (): void => {
    this.isKnownToKeepSessions = false;
  };

  constructor(options: PoolConfig & WatchedOptions = {}) {
    const watched = {
      ...options,
      // pg hides the password of options from being copied.
      password: options.password,
      Client: WatchedClient,
      onReadOnly: () => this.giveUpAll(),
      onPooler: (client: WatchedClient) => this.refuseSharedSessions(client),
    };
    super(watched);
    this.on('connect', (client) => this.members.add(client as unknown as WatchedClient));
    this.on('remove', (client) => this.members.delete(client as unknown as WatchedClient));
  }

  override connect(): Promise<PoolClient>;
  override connect(callback: Connected): void;
  override connect(callback?: Connected): Promise<PoolClient> | void {
    if (!callback)
      return super.connect().then(
        (client) => (isOfUse(client) ? client : this.connect()),
        (error: unknown) => Promise.reject(coded(error as Error)),
      );
    super.connect((error, client, done) => {
      if (client && !isOfUse(client)) this.connect(callback);
      else callback(error && coded(error), client, done);
    });
  }

  /** Connections that are open now are handed out no more: the next one is opened anew. At most once a second. */
  giveUpAll(): void {
    if (this.isResting) return;
    this.isResting = true;
    setTimeout(() => (this.isResting = false), restMs).unref();
    for (const client of this.members) client.isGivenUp = true;
  }

  /** When a connection through a pooler is opened, be it at the start or later: the mode of a pooler may change under a running process. */
  private async refuseSharedSessions(client: WatchedClient): Promise<void> {
    if (this.isKnownToKeepSessions) return;
    const { password, ...options } = this.options;
    try {
      this.isKnownToKeepSessions = await keepsItsSession(client, new pg.Client({ ...options, password }));
    } catch (error) {
      // Some may have been opened since the last look.
      this.giveUpAll();
      throw error;
    }
    setTimeout(this.forget, knownMs).unref();
  }
}

/** The pool behind a data source that has been initialised. */
export function poolOf({ driver }: DataSource): CodedPool {
  if ('master' in driver && driver.master instanceof CodedPool) return driver.master;
  throw new TypeError('This data source has no pool of ours.');
}

/** One that is not is closed by this. */
function isOfUse(client: PoolClient): boolean {
  if (!(client as unknown as WatchedClient).isGivenUp) return true;
  client.release(true);
  return false;
}

const coded = (error: NodeJS.ErrnoException): Error =>
  error.code ? error : Object.assign(error, { code: poolTimeout });
