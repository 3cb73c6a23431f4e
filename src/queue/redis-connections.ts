import { isIP } from 'node:net';
import { Injectable, Logger, Inject } from '@nestjs/common';
import { Cluster, Redis } from 'ioredis';
import type { RedisOptions } from 'ioredis';
import { Config } from '../config/config.js';
import { tlsOptions } from '../config/ssl-settings.js';
import { keepSubscriptions } from './kept-subscriptions.js';

/** What a connection is for, in Bull's words: commands, events, or blocking reads. */
export type ConnectionKind = 'client' | 'subscriber' | 'bclient';

const longestReconnectMs = 1_000;
const commandTimeoutMs = 2_000;
/** A connection on which nothing came back for this long is dead without having said so; longer than Bull's blocking read of 5 s. */
const blockingSilenceMs = 8_000;
const silenceMs = 6_000;

/**
 * ioredis 5.11 introduces itself on each new connection and calls it ready when that has been answered, or has failed because the
 * connection is gone: without a ready check it then waits on a dead one for ever.
 */
const unnamed = { disableClientInfo: true } as const;

/** Sentinels and nodes have addresses of their own, by which their certificates are verified. */
function encryption({ redis }: Config): Pick<RedisOptions, 'tls'> {
  const options = tlsOptions(redis.ssl, redis.host);
  if (!options) return {};
  const { host, ...tls } = options;
  const isOne = redis.sentinels.length === 0 && redis.cluster.length === 0;
  // Only a name may be told to the server before it shows its certificate (RFC 6066, section 3).
  return { tls: { ...tls, ...(isOne && isIP(host) === 0 && { servername: host }) } };
}

function address({ redis }: Config, tls: RedisOptions['tls']): RedisOptions {
  if (redis.sentinels.length === 0)
    return redis.host.startsWith('/') ? { path: redis.host } : { host: redis.host, port: redis.port };
  const { sentinels, sentinelName: name, sentinelUsername, sentinelPassword } = redis;
  return {
    sentinels: [...sentinels],
    name,
    ...(sentinelUsername !== undefined && { sentinelUsername }),
    ...(sentinelPassword !== undefined && { sentinelPassword }),
    ...(tls && { sentinelTLS: tls, enableTLSForSentinelMode: true }),
  };
}

const connection = (config: Config): RedisOptions => {
  const { redis } = config;
  const { tls } = encryption(config);
  return {
    ...address(config, tls),
    db: redis.db,
    username: redis.username,
    password: redis.password,
    ...(tls && { tls }),
    retryStrategy: (attempt) => Math.min(attempt * 100, longestReconnectMs),
    enableReadyCheck: false,
    ...unnamed,
  };
};

/**
 * Options by kind of connection. Commands fail fast, so that nobody waits for a dead Redis. The blocking connection must
 * not time out a command: the answer it would drop is a doorbell (ioredis #1630). Sources: Bull's reference for
 * `createClient`; docs/decisions/0003-bull-delivers-postgresql-decides.md.
 */
function redisOptions(config: Config, kind: ConnectionKind): RedisOptions {
  if (kind === 'client')
    return {
      ...connection(config),
      maxRetriesPerRequest: 1,
      commandTimeout: commandTimeoutMs,
      socketTimeout: silenceMs,
    };
  return {
    ...connection(config),
    maxRetriesPerRequest: null,
    autoResubscribe: false,
    ...(kind === 'bclient' && { socketTimeout: blockingSilenceMs }),
  };
}

/** Opens the connections to Redis, says once what is wrong with them, and closes them all: Bull leaves that to their maker. */
@Injectable()
export class RedisConnections {
  private readonly logger = new Logger('Redis');
  private readonly opened: Redis[] = [];
  private said = '';

  constructor(@Inject(Config) private readonly config: Config) {}

  open(kind: ConnectionKind): Redis {
    const connection = this.connect(kind);
    connection.on('error', (error: Error) => this.say(error));
    connection.on('ready', () => (this.said = ''));
    connection.on('close', () => forgetSocketTimer(connection));
    if (kind === 'subscriber') keepSubscriptions(connection, (error) => this.say(error));
    this.opened.push(connection);
    return connection;
  }

  /** Bull takes a cluster where it takes a server; all of its keys share one slot by their prefix. */
  private connect(kind: ConnectionKind): Redis {
    const options = redisOptions(this.config, kind);
    const { cluster } = this.config.redis;
    if (cluster.length === 0) return new Redis(options);
    const { username, password, tls } = options;
    return new Cluster([...cluster], {
      redisOptions: { username, password, tls, ...unnamed },
      clusterRetryStrategy: (attempt) => Math.min(attempt * 100, longestReconnectMs),
      enableReadyCheck: false,
    }) as unknown as Redis;
  }

  closeAll(): void {
    for (const connection of this.opened) {
      // Bull waits for the end of a connection that was never ready, and leaves what it is told then unhandled.
      connection.removeAllListeners('end');
      // ioredis gives an end two seconds, and waits them out where there is nothing left to end.
      if (connection.status !== 'end') connection.disconnect();
    }
  }

  /** A Redis that is away says so on every connection, many times a second: each message is logged once until it changes. */
  say(error: Error): void {
    if (error.message === this.said) return;
    this.said = error.message;
    this.logger.warn(error.message || error.name);
  }
}

/**
 * ioredis leaves the timer of `socketTimeout` running when its connection closes: it keeps the process alive, and ends the
 * next connection, which is healthy.
 */
function forgetSocketTimer(connection: Redis): void {
  const timed = connection as unknown as { socketTimeoutTimer?: NodeJS.Timeout };
  clearTimeout(timed.socketTimeoutTimer);
  delete timed.socketTimeoutTimer;
}
