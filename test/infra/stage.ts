import { mkdirSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { migrate } from '../../scripts/local/database.mjs';
import { accountFor } from '../../scripts/local/postgres-account.mjs';
import { ended, identify, spawnServer, stopProcess } from '../../scripts/local/processes.mjs';
import { startRedis } from '../../scripts/local/redis.mjs';
import { ProductProcess } from '../support/processes.js';

/** A server that was started for a scenario. */
export interface Server {
  pid: number;
  logFile: string;
  /** How it ended, asked or not. */
  ended: Promise<string>;
  /** Ends exactly this process, and waits until it is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

interface ServerOptions {
  /** Of its log, and in messages. */
  name: string;
  line: string[];
  /** Whether it answers already; a rejection means no. */
  answers: () => Promise<unknown>;
  /** Runs it as somebody else than root where root it would be: PostgreSQL and PgBouncer refuse that. */
  unprivileged?: boolean;
  /** What ends it politely. */
  signal?: NodeJS.Signals;
}

const startMs = 30_000;

/** What a scenario starts, in a folder of its own; all of it is ended by its id when the scenario is over. */
export class Stage {
  private readonly ends: (() => Promise<unknown>)[] = [];
  private readonly products: ProductProcess[] = [];

  constructor(readonly folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  /** Is called when the scenario is over, the latest first. */
  onEnd(end: () => Promise<unknown>): void {
    this.ends.push(end);
  }

  /** @returns path of a new file in the scenario's folder */
  file(name: string, text: string, mode = 0o600): string {
    const path = join(this.folder, name);
    writeFileSync(path, text, { mode });
    return path;
  }

  /** Starts any server and waits until it answers. */
  async server({ name, line, answers, unprivileged = false, signal = 'SIGTERM' }: ServerOptions): Promise<Server> {
    const [program = ''] = line;
    const prefix = unprivileged ? accountFor(join(this.folder, 'account'), program).prefix : [];
    const [command = '', ...args] = [...prefix, ...line];
    const logFile = join(this.folder, `${name}.log`);
    const child = spawnServer(command, args, { logFile });
    const end = ended(child);
    let over: string | undefined;
    void end.then((how) => {
      over = how;
    });
    const identity = identify(child.pid);
    const stop = (as: NodeJS.Signals = signal): Promise<void> => stopProcess(identity, as);
    this.onEnd(() => stop());
    const until = performance.now() + startMs;
    for (;;) {
      if (over) throw new Error(`${name} ended while starting (${over}); its log is ${logFile}`);
      try {
        await answers();
        return { pid: child.pid ?? 0, logFile, ended: end, stop };
      } catch (error) {
        if (performance.now() > until)
          throw new Error(`${name} does not answer; its log is ${logFile}`, { cause: error });
        await sleep(25);
      }
    }
  }

  /** A Redis without anything special about it. @returns what makes the product use it */
  async redis(): Promise<Record<string, string>> {
    const { host, port, stop } = await startRedis({ directory: join(this.folder, 'redis') });
    this.onEnd(stop);
    return { REDIS_HOST: host, REDIS_PORT: String(port) };
  }

  /** Applies the migrations, as an operator would. @param environment `DB_*` of the way to the database */
  async migrate(environment: Record<string, string>): Promise<string> {
    return migrate(['run'], environment);
  }

  /**
   * Starts a process of the product and waits until it listens; rejects with its last words when it ends instead.
   *
   * @param roles such as `api,worker,ticker`
   * @param environment settings by their names
   */
  async product(roles: string, environment: Record<string, string>): Promise<ProductProcess> {
    const started = await ProductProcess.start({ ...this.base, ...environment, ROLES: roles });
    this.products.push(started);
    this.onEnd(() => started.end('SIGKILL'));
    return started;
  }

  /** PostgreSQL with its schema, Redis, and a process of all roles on them. */
  async whole(
    postgres: { environment: Record<string, string> },
    environment: Record<string, string> = {},
  ): Promise<ProductProcess> {
    const redis = await this.redis();
    await this.migrate(postgres.environment);
    return this.product('api,worker,ticker', { ...postgres.environment, ...redis, ...environment });
  }

  async end(): Promise<void> {
    for (const end of this.ends.splice(0).reverse()) await end().catch((error: unknown) => console.log(String(error)));
    for (const [place, product] of this.products.entries()) this.file(`product-${place + 1}.log`, product.log);
  }

  /** The same for every process of a scenario: they must agree in the secret. */
  private readonly base = {
    ...{ NODE_ENV: 'test', PORT: '0', HOST: '127.0.0.1', HTTP_JOBS_ALLOW_LOOPBACK: 'true' },
    ...{ JWT_SECRET: randomBytes(32).toString('base64url'), BCRYPT_COST: '4', NOTIFY_ON_FAILURE: 'false' },
    LIMIT_WRITES_PER_USER: '0',
  };
}
