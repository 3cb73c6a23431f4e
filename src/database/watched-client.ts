import { Socket } from 'node:net';
import pg from 'pg';
import type { ClientConfig } from 'pg';
import { endsConnection, readOnlyState } from './outage.js';
import { openSession } from './session.js';
import type { SessionSettings } from './session.js';

/** What `WatchedClient` takes besides pg's own options. */
export interface WatchedOptions {
  /** Ms without a byte from PostgreSQL while a statement is under way, after which the connection is given up; 0 is never. */
  silenceMs?: number;
  /** What the session is set to before anybody gets the connection. */
  session?: SessionSettings;
  /** Looks at a connection that goes through a pooler; rejects where it is of no use. */
  onPooler?: (client: WatchedClient) => Promise<void>;
  /** Is told when the server refuses to write. */
  onReadOnly?: () => void;
}

type Opened = ((error: Error) => void) | ((error: null, client: pg.Client) => void);

const heard = (): void => undefined;

/**
 * pg's own client that does not wait for ever on a connection that died without a reset. It closes such a connection with
 * `ETIMEDOUT`, so that all that knows a broken connection (pool, retries, problem details) knows this one too. pg's
 * `query_timeout` would fail the statement and hand the dead connection to the next one.
 *
 * It sets its session when it connects, and knows when the server behind it is of no more use.
 */
export class WatchedClient extends pg.Client {
  /** Nobody shall get it any more: its server is going, or takes no writes. */
  isGivenUp = false;

  private readonly watched: Pick<WatchedOptions, 'session' | 'onPooler' | 'onReadOnly'>;

  constructor(options: ClientConfig & WatchedOptions = {}) {
    const socket = new Socket();
    const { password, silenceMs = 0, session, onPooler, onReadOnly } = options;
    // pg hides the password of a pool's options from being copied.
    super({ ...options, password, stream: () => socket });
    this.watched = { session, onPooler, onReadOnly };
    const isIdle = (): void => void socket.setTimeout(0);
    socket.on('timeout', () => socket.destroy(silent(silenceMs)));
    this.on('drain', isIdle);
    this.connection.on('errorMessage', (error: unknown) => this.meets(error));
    const query = this.query.bind(this);
    this.query = ((...statement: Parameters<typeof query>) => {
      socket.setTimeout(silenceMs);
      return query(...statement);
    }) as typeof this.query;
  }

  override connect(): Promise<pg.Client>;
  override connect(callback: Opened): void;
  override connect(callback?: Opened): Promise<pg.Client> | void {
    const opened = this.open();
    if (!callback) return opened;
    // Either kind of callback takes either call.
    const call = callback as (error: Error | null, client?: pg.Client) => void;
    opened.then((client) => call(null, client), call);
  }

  private async open(): Promise<this> {
    const { session, onPooler } = this.watched;
    // An error that nobody listens for would end the process; whoever connects is told in another way.
    this.on('error', heard);
    try {
      await super.connect();
      if (!session) return this;
      const pid = await openSession(this, session);
      if (pid !== (this as unknown as { processID: number | null }).processID) await onPooler?.(this);
      return this;
    } catch (error) {
      void this.end().catch(heard);
      throw error;
    } finally {
      this.off('error', heard);
    }
  }

  private meets(error: unknown): void {
    if (!endsConnection(error)) return;
    this.isGivenUp = true;
    if (error instanceof pg.DatabaseError && error.code === readOnlyState) this.watched.onReadOnly?.();
  }
}

const silent = (ms: number): Error =>
  Object.assign(new Error(`PostgreSQL has not answered for ${ms} ms; the connection is given up`), {
    code: 'ETIMEDOUT',
  });
