import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';
import pg from 'pg';
import { ensureDatabase, migrate } from '../../scripts/local/database.mjs';
import { startPostgres } from '../../scripts/local/postgres.mjs';
import { startRedis } from '../../scripts/local/redis.mjs';
import { ProductProcess } from '../support/processes.js';
import type { Sink } from './sink.js';
import type { SmallDisk } from './small-disk.js';
import { TcpProxy } from './tcp-proxy.js';

export interface Member {
  name: string;
  environment: Record<string, string>;
  process: ProductProcess;
  /** Handlers or the nemesis may end it: that is no finding. */
  expendable: boolean;
}

const database = 'punctual_faults';
/** Short, so that a scenario takes seconds: everything else is as it is deployed. */
const settings = {
  LEASE_MS: '3000',
  RECOVERY_INTERVAL_MS: '250',
  RING_AGAIN_AFTER_MS: '2000',
  HORIZON_MS: '5000',
  TICK_INTERVAL_MS: '250',
  REDIS_SILENCE_MS: '1000',
  STOP_GRACE_MS: '1000',
  WORKER_CONCURRENCY: '30',
  RETRY_DELAY_MS: '100',
  RETRY_MAX_DELAY_MS: '1000',
  MAX_RETRY_ATTEMPTS: '20',
  DB_STATEMENT_TIMEOUT_MS: '5000',
  // One user submits everything, and asks again at once when a submission was refused.
  LIMIT_WRITES_PER_USER: '0',
};
/** What stands in `settings` for the wait between attempts. */
export const backoff = {
  baseDelayMs: Number(settings.RETRY_DELAY_MS),
  maxDelayMs: Number(settings.RETRY_MAX_DELAY_MS),
};
const handlers = new URL('./handlers.mjs', import.meta.url).href;

/** A whole installation of its own: PostgreSQL (durable), Redis, the product's processes; each can be hurt by name. */
export class System {
  readonly members = new Map<string, Member>();
  /** What ended processes had said. */
  readonly pastLogs: string[] = [];
  readonly redisPrefix = '{faults}';
  postgres!: Awaited<ReturnType<typeof startPostgres>>;
  redis!: Awaited<ReturnType<typeof startRedis>>;
  postgresProxy!: TcpProxy;
  redisProxy!: TcpProxy;
  private base: Record<string, string> = {};
  private readonly upstream = { postgres: { port: 0 }, redis: { port: 0 } };

  private readonly clusterDirectory: string;

  /**
   * @param disk for PostgreSQL's data, which lies beside the rest by default
   * @param program that the processes run, in place of the product
   */
  constructor(
    private readonly folder: string,
    readonly disk?: SmallDisk,
    private readonly program?: string,
  ) {
    this.clusterDirectory = join(disk?.path ?? folder, 'postgres');
  }

  /** PostgreSQL and Redis alone. */
  async startServers(): Promise<void> {
    [this.postgres, this.redis] = await Promise.all([
      startPostgres({ directory: this.clusterDirectory, maxConnections: 200 }),
      startRedis({ directory: this.folder }),
    ]);
    this.upstream.postgres.port = this.postgres.port;
    this.upstream.redis.port = this.redis.port;
    this.postgresProxy = await TcpProxy.start(this.upstream.postgres);
    this.redisProxy = await TcpProxy.start(this.upstream.redis);
  }

  async start(sink: Sink, overrides: Record<string, string> = settings): Promise<this> {
    await this.startServers();
    const { host, port, username, password } = this.postgres;
    const access = { DB_HOST: host, DB_USERNAME: username, DB_PASSWORD: password, DB_DATABASE: database };
    await ensureDatabase(this.postgres, database);
    await migrate(['run'], { ...access, DB_PORT: String(port) });
    this.base = {
      ...{ ...access, DB_PORT: String(this.postgresProxy.port) },
      ...{ REDIS_HOST: '127.0.0.1', REDIS_PORT: String(this.redisProxy.port), REDIS_PREFIX: this.redisPrefix },
      ...{ NODE_ENV: 'test', LOG_LEVEL: 'warn', PORT: '0', HOST: '127.0.0.1', HTTP_JOBS_ALLOW_LOOPBACK: 'true' },
      ...{ JWT_SECRET: randomBytes(32).toString('base64url'), BCRYPT_COST: '4', NOTIFY_ON_FAILURE: 'false' },
      ...{ SMTP_HOST: '127.0.0.1', SMTP_PORT: String(sink.mailPort) },
      ...overrides,
    };
    return this;
  }

  /** Starts a process, or starts it again as it was. */
  async up(name: string, environment: Record<string, string> = {}): Promise<Member> {
    const before = this.members.get(name);
    if (before && !before.process.over) throw new Error(`${name} is running`);
    if (before) this.pastLogs.push(before.process.log);
    const roles = name.replace(/\d+$/, '').replaceAll('+', ',');
    const all = { ...this.base, ...environment, ROLES: roles };
    const process = await ProductProcess.start(all, this.program ? [] : ['--import', handlers], this.program);
    const member = { name, environment, process, expendable: before?.expendable ?? false };
    this.members.set(name, member);
    return member;
  }

  async upAll(names: string[]): Promise<void> {
    await Promise.all(names.map((name) => this.up(name)));
  }

  member(name: string): Member {
    const member = this.members.get(name);
    if (!member) throw new Error(`No process is called ${name}`);
    return member;
  }

  /** Those whose name begins so and that run. */
  running(prefix = ''): Member[] {
    return [...this.members.values()].filter(({ name, process }) => name.startsWith(prefix) && !process.over);
  }

  /** Addresses of the APIs that run. */
  get urls(): string[] {
    return this.running('api').map(({ process }) => process.url);
  }

  /** Whether the server's first process lives; it may still be mending what a crash left. */
  get postgresRuns(): boolean {
    try {
      return process.kill(this.postgres.pid, 0);
    } catch {
      return false;
    }
  }

  async killPostgres(signal: 'SIGINT' | 'SIGQUIT' | 'SIGKILL'): Promise<void> {
    process.kill(this.postgres.pid, signal);
    await this.postgres.ended;
  }

  /** Starts PostgreSQL again where it was; right after a kill its old backends may still hold the shared memory. */
  async postgresUp(): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        this.postgres = await startPostgres({
          directory: this.clusterDirectory,
          port: this.postgres.port,
          maxConnections: 200,
        });
        return;
      } catch (error) {
        if (tries === 20) throw error;
        await sleep(250);
      }
    }
  }

  async killRedis(): Promise<void> {
    process.kill(this.redis.pid, 'SIGKILL');
    await this.redis.ended;
  }

  /** @param keep starts from the snapshot that lies there, rather than empty */
  async redisUp(keep = false): Promise<void> {
    if (!keep) rmSync(join(this.folder, 'dump.rdb'), { force: true });
    this.redis = await startRedis({ directory: this.folder, port: this.redis.port });
  }

  /** Asks PostgreSQL past the proxy. */
  async query<Row extends pg.QueryResultRow>(statement: string, values: unknown[] = []): Promise<Row[]> {
    const { host, port, username: user, password } = this.postgres;
    const client = new pg.Client({ host, port, user, password, database, connectionTimeoutMillis: 15_000 });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Row>(statement, values)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  /** Talks to Redis past the proxy. */
  async withRedis<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis({ port: this.redis.port, host: '127.0.0.1', retryStrategy: () => null });
    redis.on('error', () => undefined);
    try {
      return await work(redis);
    } finally {
      redis.disconnect();
    }
  }

  /** Where `npm run verify` finds the database. */
  get auditEnvironment(): Record<string, string> {
    return { ...this.base, DB_PORT: String(this.postgres.port) };
  }

  /** What the processes have said, those that have ended since the last `takeLogs` included. */
  get logs(): string {
    return [...this.pastLogs, ...[...this.members.values()].map(({ process }) => process.log)].join('');
  }

  takeLogs(): string {
    const { logs } = this;
    this.pastLogs.length = 0;
    return logs;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.members.values()].map(({ process }) => process.end('SIGKILL')));
    await this.postgresProxy?.stop();
    await this.redisProxy?.stop();
    await this.redis?.stop();
    await this.postgres?.stop();
  }
}
