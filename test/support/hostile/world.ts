import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import type pg from 'pg';
import { eventually } from '../eventually.js';
import { ProductProcess } from '../processes.js';
import { formsOf } from '../secrets/forms.js';
import { connectTo, startServices } from '../services.js';
import type { Services } from '../services.js';
import { exchange } from './exchange.js';
import type { Answer, HostileRequest } from './exchange.js';

export interface Person {
  id: string;
  email: string;
  password: string;
  token: string;
}

interface OpenApi {
  paths: Record<string, Record<string, { operationId: string; security?: unknown[] }>>;
}

/** What the audit log says of a request. */
interface AuditedRequest {
  action: string;
  outcome: string;
  count: number;
  address: string;
}

/** An operation of the API, as its own document lists it. */
export interface Operation {
  method: string;
  /** With its parameters in braces. */
  path: string;
  isPublic: boolean;
}

/** Tables that may change though nothing was done for the sender: of the audit log, only refusals may. */
const notCounted = new Set(['migrations', 'audit_events']);
const audited = `(SELECT count(*) FROM audit_events WHERE outcome = 'success') AS "audited successes"`;

/**
 * The product as it is deployed, answering HTTP only, so that no run of its own changes a table; two people, what they own,
 * and everything that must not change. Its zone is not UTC: what depends on the server's zone shows.
 */
export class World {
  readonly secrets: string[] = [];
  operations: Operation[] = [];
  jobId = '';
  runId = '';
  sinkConnections = 0;

  private constructor(
    readonly services: Services,
    readonly product: ProductProcess,
    private readonly database: pg.Client,
    private readonly countSql: string,
    private readonly sink: Server,
    readonly a: Person,
    readonly b: Person,
  ) {}

  static async open(): Promise<World> {
    const services = await startServices();
    const environment: Record<string, string> = {
      ...services.environment,
      NODE_ENV: 'production',
      ROLES: 'api',
      LOG_LEVEL: 'debug',
      LOG_FORMAT: 'json',
      TZ: 'America/New_York',
      HTTP_JOBS_ALLOW_LOOPBACK: 'false',
      SMTP_HOST: '127.0.0.1',
      SMTP_PORT: '1',
      LIMIT_LOGINS_PER_ACCOUNT: '0',
      LIMIT_LOGINS_PER_ADDRESS: '0',
      MIN_INTERVAL_MS: '60000',
      PUBLIC_URL: 'https://jobs.example.net',
    };
    const product = await ProductProcess.start(environment);
    const database = await connectTo(services.config());
    const sink = createServer();
    await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
    const [a, b] = [await person(product.url, 'a'), await person(product.url, 'b')];
    const world = new World(services, product, database, await countSqlOf(database), sink, a, b);
    sink.on('connection', (socket) => {
      world.sinkConnections += 1;
      socket.destroy();
    });
    world.secrets.push(environment['JWT_SECRET'] ?? '', a.password, a.token, b.password, b.token);
    await world.fill();
    return world;
  }

  get url(): string {
    return this.product.url;
  }

  get sinkPort(): number {
    return (this.sink.address() as AddressInfo).port;
  }

  send(request: HostileRequest): Promise<Answer> {
    const token = request.as === 'nobody' ? undefined : request.as === 'B' ? this.b.token : this.a.token;
    return exchange(this.url, request, token === undefined ? undefined : `Bearer ${token}`);
  }

  async counts(): Promise<Record<string, string>> {
    const { rows } = await this.database.query<Record<string, string>>(this.countSql);
    return rows[0] ?? {};
  }

  async query<T extends object>(sql: string, values: unknown[] = []): Promise<T[]> {
    return (await this.database.query<T>(sql, values)).rows;
  }

  /** What the audit log says of a request, as soon as it says something: refusals are written behind their answers. */
  auditedOf({ headers }: Answer): Promise<AuditedRequest[]> {
    const ask = () =>
      this.query<AuditedRequest>(`SELECT action, outcome, count, address FROM audit_events WHERE request_id = $1`, [
        headers['x-request-id'],
      ]);
    return eventually(ask, ({ length }) => length > 0);
  }

  /** Resident memory of the product in MiB. */
  memoryMiB(): number {
    const [, kib] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${this.product.pid}/status`, 'utf8')) ?? [];
    return Number(kib) / 1_024;
  }

  async close(): Promise<void> {
    await this.database.end();
    await this.product.end();
    this.sink.close();
    await this.services.drop();
  }

  /** Something of A's for others to reach for. */
  private async fill(): Promise<void> {
    const job = await this.send({ json: { name: 'of A', type: 'one_time', payload: { mine: true } } });
    this.jobId = idOf(job);
    const secret = { name: 'of-A', value: `planted secret of A ${process.pid}` };
    await this.send({ path: '/secrets', json: secret });
    this.secrets.push(...formsOf(secret.value));
    const [run] = await this.query<{ id: string }>('SELECT id FROM runs WHERE job_id = $1', [this.jobId]);
    this.runId = run?.id ?? '';
    const document = JSON.parse((await this.send({ method: 'GET', path: '/api-json' })).text) as OpenApi;
    this.operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { security }]) => ({
        ...{ method: method.toUpperCase(), path },
        isPublic: security?.length === 0,
      })),
    );
  }
}

export const idOf = (answer: Answer): string => (JSON.parse(answer.text) as { id: string }).id;

async function person(url: string, name: string): Promise<Person> {
  const email = `${name}@example.com`;
  const password = `planted password of ${name} ${process.pid}`;
  const answer = await exchange(url, { path: '/auth/register', json: { email, password, name } });
  const { user, access_token: token } = JSON.parse(answer.text) as { user: { id: string }; access_token: string };
  return { id: user.id, email, password, token };
}

/** One statement that counts every table. */
async function countSqlOf(database: pg.Client): Promise<string> {
  const { rows } = await database.query<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`,
  );
  const tables = rows.map(({ name }) => name).filter((name) => !notCounted.has(name));
  return `SELECT ${tables.map((name) => `(SELECT count(*) FROM "${name}") AS "${name}"`).join(', ')}, ${audited}`;
}
