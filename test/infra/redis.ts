import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { RedisOptions } from 'ioredis';
import { onPath } from '../../scripts/local/debian-packages.mjs';
import { freePort } from '../../scripts/local/ports.mjs';
import type { Server, Stage } from './stage.js';

const host = '127.0.0.1';

export interface RedisServerOptions {
  /** Of its folder and log. */
  name?: string;
  /** Words of its command line. */
  flags?: string[];
  /** Lines of its file of settings, which it may write. */
  settings?: string[];
  program?: 'redis-server' | 'redis-sentinel';
  /** How its operator comes in. */
  operator?: RedisOptions;
  /** Whether the port takes plain connections. */
  isPlain?: boolean;
}

/** Redis as Debian ships it. */
export class RedisServer {
  private constructor(
    private readonly stage: Stage,
    readonly port: number,
    private readonly options: RedisServerOptions,
    public server: Server,
    /** How its operator comes in; may change. */
    public operator: RedisOptions | undefined = options.operator,
  ) {}

  static async start(stage: Stage, options: RedisServerOptions = {}): Promise<RedisServer> {
    const port = await freePort();
    return new RedisServer(stage, port, options, await serve(stage, port, options));
  }

  get environment(): Record<string, string> {
    return { REDIS_HOST: host, REDIS_PORT: String(this.port) };
  }

  /** Starts it again where it was, after its end; it comes back empty. */
  async startAgain(): Promise<void> {
    this.server = await serve(this.stage, this.port, this.options);
  }

  /** One command of its operator. */
  async ask(...[command = '', ...args]: (string | number)[]): Promise<unknown> {
    return asked(this.port, this.operator, String(command), args);
  }
}

async function serve(stage: Stage, port: number, options: RedisServerOptions): Promise<Server> {
  const { name = 'redis', program = 'redis-server', flags = [], settings = [], operator, isPlain = true } = options;
  const directory = join(stage.folder, name);
  mkdirSync(directory, { recursive: true });
  const file = stage.file(`${name}.conf`, `${settings.join('\n')}\n`);
  const ours = [
    ...['--port', String(isPlain ? port : 0), '--bind', host, '--dir', directory],
    ...(isPlain ? [] : ['--tls-port', String(port)]),
    ...(program === 'redis-server' ? ['--save', '', '--appendonly', 'no'] : []),
  ];
  return stage.server({
    name,
    line: [onPath(program) ?? `/usr/bin/${program}`, file, ...ours, ...flags],
    answers: () => asked(port, operator, 'PING', []),
  });
}

async function asked(
  port: number,
  operator: RedisOptions | undefined,
  command: string,
  args: (string | number)[],
): Promise<unknown> {
  const options = { connectTimeout: 2_000, commandTimeout: 5_000, maxRetriesPerRequest: 0, ...operator };
  const client = new Redis({ host, port, lazyConnect: true, retryStrategy: () => null, ...options });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await client.call(command, ...args);
  } finally {
    client.disconnect();
  }
}
