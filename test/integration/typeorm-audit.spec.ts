import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { TypeormAuditEvents } from '../../src/audit/repositories/typeorm-audit-events.js';
import { newDataSource } from '../../src/data-source.js';
import { TypeormTransactionRunner } from '../../src/database/typeorm-transaction-runner.js';
import { anEntry, auditEventsContract } from '../contracts/audit-events.contract.js';
import { startServices } from '../support/services.js';
import type { Services } from '../support/services.js';

let services: Services;
let database: DataSource;
let events: TypeormAuditEvents;

beforeAll(async () => {
  services = await startServices();
  database = await newDataSource(services.config()).initialize();
  events = new TypeormAuditEvents(database);
});

afterAll(async () => {
  await database.destroy();
  await services.drop();
});

/** What only the owner of the table can do: it is how a test starts anew. */
async function empty(): Promise<void> {
  await database.query('ALTER TABLE audit_events DISABLE TRIGGER USER');
  await database.query('TRUNCATE audit_events');
  await database.query('ALTER TABLE audit_events ENABLE TRIGGER USER');
}

auditEventsContract('TypeormAuditEvents', async () => {
  await empty();
  return { events };
});

describe('the table', () => {
  const refused = { driverError: expect.objectContaining({ code: '42501' }) };
  const kept = async () => (await events.list({}, 10, null)).length;

  it.each([
    `UPDATE audit_events SET action = 'nothing.happened'`,
    `DELETE FROM audit_events`,
    `TRUNCATE audit_events`,
    `DELETE FROM audit_events WHERE at < clock_timestamp() - interval '99 days'`,
    `INSERT INTO audit_events SELECT * FROM audit_events ON CONFLICT (at, id) DO UPDATE SET action = 'x.y'`,
  ])('refuses %s', async (statement) => {
    await empty();
    await events.append(null, [{ entry: anEntry(), agoMs: 100 * 86_400_000 }]);
    await expect(database.query(statement)).rejects.toMatchObject(refused);
    expect(await kept()).toBe(1);
  });

  it('refuses to forget a young event to whoever merely says that little need be kept', async () => {
    await empty();
    await events.append(null, [{ entry: anEntry(), agoMs: 29 * 86_400_000 }]);
    const forget = database.transaction(async (manager) => {
      await manager.query(`SET LOCAL punctual.audit_keep_days = 0`);
      await manager.query('DELETE FROM audit_events');
    });
    await expect(forget).rejects.toMatchObject(refused);
    expect(await kept()).toBe(1);
  });

  it('holds an entry if and only if the transaction that wrote it commits', async () => {
    await empty();
    const transactions = new TypeormTransactionRunner(database);
    const failing = transactions.run(async (tx) => {
      await events.append(tx, [{ entry: anEntry(), agoMs: 0 }]);
      throw new Error('the change failed');
    });
    await expect(failing).rejects.toThrow('the change failed');
    expect(await kept()).toBe(0);
    await transactions.run((tx) => events.append(tx, [{ entry: anEntry(), agoMs: 0 }]));
    expect(await kept()).toBe(1);
  });

  it('reads each filter from an index, in the order of the list', async () => {
    await empty();
    const values = `SELECT clock_timestamp() - n * interval '1 s', gen_random_uuid(), 'job.created', 'success',
      gen_random_uuid(), 'session', 'job', n::text, 1 FROM generate_series(1, 20000) n`;
    await database.query(
      `INSERT INTO audit_events (at, id, action, outcome, user_id, credential, target_kind, target_id, count) ${values}`,
    );
    await database.query('ANALYZE audit_events');
    const planOf = async (where: string) => {
      const rows = await database.query<{ 'QUERY PLAN': string }[]>(
        `EXPLAIN SELECT * FROM audit_events WHERE ${where} ORDER BY at DESC, id DESC LIMIT 20`,
      );
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    };
    const id = '0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a11';
    const wanted: [where: string, index: string][] = [
      [`at < clock_timestamp()`, 'audit_events_pkey'],
      [`(at, id) < ('2030-01-01', '${id}')`, 'audit_events_pkey'],
      [`user_id = '${id}'`, 'audit_events_by_user'],
      [`target_id = '17'`, 'audit_events_by_target'],
      [`action = 'user.deleted'`, 'audit_events_by_action'],
      [`outcome = 'refused'`, 'audit_events_refused'],
    ];
    for (const [where, index] of wanted) {
      const plan = await planOf(where);
      expect({ where, plan }).toEqual({ where, plan: expect.stringContaining(index) });
      expect(plan).not.toContain('Sort');
    }
  });
});
