import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from '../../scripts/local/ports.mjs';
import { accountFor, handOver } from '../../scripts/local/postgres-account.mjs';
import { runTask } from '../../scripts/local/processes.mjs';
import { postgresBinaries } from './packages.js';
import type { Server, Stage } from './stage.js';

const host = '127.0.0.1';
const admin = 'postgres';

export interface PostgresOptions {
  /** Of its folder and log. */
  name?: string;
  /** Lines of `postgresql.conf`. */
  settings?: Record<string, string>;
  /** Lines of `pg_hba.conf` before the usual ones. */
  hba?: string[];
  /** Folder of its Unix socket; made when missing. */
  socketFolder?: string;
  /** Of the processes of the server, such as `LOCPATH`. */
  environment?: Record<string, string>;
}

/** PostgreSQL as Debian ships it, with an ordinary role `punctual` that owns the database `punctual`. */
export class Postgres {
  static readonly role = { username: 'punctual', password: 'right', database: 'punctual' };

  private constructor(
    private readonly stage: Stage,
    readonly port: number,
    readonly directory: string,
    private readonly options: PostgresOptions,
    public server: Server,
  ) {}

  static async start(stage: Stage, options: PostgresOptions = {}): Promise<Postgres> {
    const directory = join(stage.folder, options.name ?? 'postgres');
    await asOwner(directory, ['initdb', '-D', directory, '-U', admin, '--auth=trust', '--no-sync', '-E', 'UTF8']);
    writeFileSync(join(directory, 'pg_hba.conf'), hbaOf(options.hba ?? []));
    const postgres = await Postgres.startIn(stage, directory, options);
    const { username, password, database } = Postgres.role;
    await postgres.ask(`CREATE ROLE ${username} LOGIN PASSWORD '${password}'`);
    await postgres.ask(`CREATE DATABASE ${database} OWNER ${username}`);
    return postgres;
  }

  /** A streaming standby of this server, which can be promoted. */
  async standby(options: PostgresOptions): Promise<Postgres> {
    const directory = join(this.stage.folder, options.name ?? 'standby');
    const from = ['-h', host, '-p', String(this.port), '-U', admin];
    await asOwner(directory, [
      'pg_basebackup',
      '-D',
      directory,
      '-R',
      '-X',
      'stream',
      '-c',
      'fast',
      '--no-sync',
      ...from,
    ]);
    return Postgres.startIn(this.stage, directory, options);
  }

  private static async startIn(stage: Stage, directory: string, options: PostgresOptions): Promise<Postgres> {
    const port = await freePort();
    const server = await serve(stage, directory, port, options);
    return new Postgres(stage, port, directory, options, server);
  }

  /** Starts it again where it was, after its end. */
  async startAgain(): Promise<void> {
    this.server = await serve(this.stage, this.directory, this.port, this.options);
  }

  /** What makes the product use it, by the names of the environment. */
  get environment(): Record<string, string> {
    const { username, password, database } = Postgres.role;
    return {
      ...{ DB_HOST: host, DB_PORT: String(this.port) },
      ...{ DB_USERNAME: username, DB_PASSWORD: password, DB_DATABASE: database },
    };
  }

  /** Asks as superuser, past whatever stands between. */
  async ask<Row extends pg.QueryResultRow>(statement: string, database = 'postgres'): Promise<Row[]> {
    const client = new pg.Client({ host, port: this.port, user: admin, database, connectionTimeoutMillis: 10_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return (await client.query<Row>(statement)).rows;
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

function serve(stage: Stage, directory: string, port: number, options: PostgresOptions): Promise<Server> {
  const { socketFolder = '' } = options;
  if (socketFolder) mkdirSync(socketFolder, { recursive: true, mode: 0o777 });
  const settings = {
    ...{
      listen_addresses: host,
      port: String(port),
      unix_socket_directories: socketFolder,
      fsync: 'off',
      max_connections: '100',
    },
    ...options.settings,
  };
  const variables = Object.entries(options.environment ?? {}).map(([name, value]) => `${name}=${value}`);
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return stage.server({
    name: options.name ?? 'postgres',
    line: [
      ...(variables.length > 0 ? ['/usr/bin/env', ...variables] : []),
      binary('postgres'),
      '-D',
      directory,
      ...flags,
    ],
    unprivileged: true,
    signal: 'SIGINT',
    answers: () => connects(port),
  });
}

async function connects(port: number): Promise<void> {
  const client = new pg.Client({ host, port, user: admin, database: 'postgres', connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } finally {
    await client.end().catch(() => undefined);
  }
}

const hbaOf = (first: string[]): string =>
  [
    ...first,
    `host all,replication ${admin} ${host}/32 trust`,
    `local all ${admin} trust`,
    `host all all ${host}/32 scram-sha-256`,
    'local all all scram-sha-256',
    '',
  ].join('\n');

function binary(name: string): string {
  const folder = postgresBinaries();
  if (!folder) throw new Error('PostgreSQL is not installed');
  return join(folder, name);
}

/** Runs one of PostgreSQL's programs to its end, as whom the folder will belong to. */
async function asOwner(directory: string, [program = '', ...args]: string[]): Promise<void> {
  const account = accountFor(directory, binary(program));
  mkdirSync(directory, { mode: 0o700 });
  handOver(directory, account);
  const { ok, end, output } = await runTask([...account.prefix, binary(program), ...args]);
  if (!ok) throw new Error(`${program} failed (${end}):\n${output}`);
}
