import { randomBytes } from 'node:crypto';
import { expect } from '@jest/globals';
import type pg from 'pg';
import supertest from 'supertest';
import { ProductProcess } from '../processes.js';
import { connectTo, startServices } from '../services.js';
import type { Services } from '../services.js';
import { aUser } from '../user.js';
import type { TestUser } from '../user.js';
import { EchoTarget } from './echo-target.js';
import { formsOf } from './forms.js';

/** A key of that version as SECRETS_KEYS writes it. */
export const aKey = (version: number): string => `${version}:${randomBytes(32).toString('base64')}`;

interface SecretRow {
  id: string;
  user_id: string;
  key_version: number;
  nonce: Buffer;
}

/** The product as it is deployed, its database, a target that says what it is told, and the values that were stored. */
export class SecretStage {
  /** Each value that was stored: none may be found anywhere. */
  readonly planted: string[] = [];
  private made = 0;

  private constructor(
    private readonly services: Services,
    readonly environment: Record<string, string>,
    readonly product: ProductProcess,
    readonly database: pg.Client,
    readonly target: EchoTarget,
  ) {}

  /** @param settings by their environment names */
  static async open(settings: Record<string, string>): Promise<SecretStage> {
    const services = await startServices();
    const environment = { ...services.environment, LOG_LEVEL: 'debug', LOG_FORMAT: 'json', ...settings };
    const product = await ProductProcess.start(environment);
    const database = await connectTo(services.config());
    return new SecretStage(services, environment, product, database, await EchoTarget.start());
  }

  get http(): ReturnType<typeof supertest> {
    return supertest(this.product.url);
  }

  aPerson(): Promise<TestUser> {
    return aUser({ http: this.http });
  }

  /** A value that no other text looks like, and that every encoding changes. */
  aValue(): string {
    const value = `p1anted/+"& \\${randomBytes(12).toString('base64url')}é`;
    this.planted.push(value);
    return value;
  }

  async store(owner: TestUser, name = `secret-${++this.made}`): Promise<{ name: string; value: string }> {
    const value = this.aValue();
    await owner.post('/secrets', { name, value }).expect(201);
    return { name, value };
  }

  async rowsOf(name: string): Promise<SecretRow[]> {
    return (await this.database.query<SecretRow>('SELECT * FROM secrets WHERE name = $1', [name])).rows;
  }

  /** A job that sends the secret in its body to this path of the target. */
  call(path: string, secret: string, more: object = {}, job: object = {}) {
    const payload = { url: this.target.url + path, body: { deep: [{ token: { $secret: secret } }] }, ...more };
    return { name: 'call', type: 'one_time', handler: 'http', maxRetries: 1, payload, ...job };
  }

  /** Asserts that no stored value stands in any table or in the log, in any form. */
  async expectNothingLeaked(): Promise<void> {
    const forms = this.planted.flatMap(formsOf);
    const { rows: tables } = await this.database.query<{ name: string }>(
      `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`,
    );
    expect(this.product.log).toContain('"Access"');
    expect(forms.filter((form) => this.product.log.includes(form))).toEqual([]);
    for (const { name } of tables) {
      const { rows } = await this.database.query<{ row: string }>(`SELECT t::text AS row FROM "${name}" t`);
      const dump = rows.map(({ row }) => row).join('\n');
      expect({ name, found: forms.filter((form) => dump.includes(form)) }).toEqual({ name, found: [] });
    }
  }

  async close(): Promise<void> {
    await this.product.end();
    await this.database.end();
    await this.target.stop();
    await this.services.drop();
  }
}
