import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { executionsOf, jobThatIs, submit } from '../support/jobs.js';
import { ProductProcess } from '../support/processes.js';
import { SecretStage, aKey } from '../support/secrets/stage.js';
import type { TestUser } from '../support/user.js';

const [first, second] = [aKey(1), aKey(2)];
let stage: SecretStage;
beforeAll(async () => (stage = await SecretStage.open({ SECRETS_KEYS: `${first},${second}` })));
afterAll(() => stage?.close());

describe('a row that somebody has written to in the database (K02)', () => {
  const sealed = ['key_version', 'nonce', 'ciphertext'];
  const copy = (from: string, to: string) =>
    stage.database.query(
      `UPDATE secrets t SET ${sealed.map((name) => `${name} = s.${name}`).join(', ')} FROM secrets s WHERE s.id = $1 AND t.id = $2`,
      [from, to],
    );

  async function refusedAt(owner: TestUser, name: string): Promise<void> {
    const before = stage.target.received('/swapped').length;
    const job = await submit(owner, stage.call('/swapped', name));
    const failed = await jobThatIs(owner, job.id, 'failed');
    expect(failed.errorMessage).toMatch(new RegExp(`^The secret "${name}" cannot be opened: key version 1 `));
    expect((await executionsOf(owner, job.id)).length).toBe(1);
    expect(stage.target.received('/swapped').length).toBe(before);
    expect(stage.product.log).toMatch(new RegExp(`"level":"error".*The secret \\\\"${name}\\\\" cannot be opened`));
  }

  it('with another row’s ciphertext is not opened: of the same owner', async () => {
    const person = await stage.aPerson();
    const [a, b] = [await stage.store(person), await stage.store(person)];
    const [[rowA], [rowB]] = [await stage.rowsOf(a.name), await stage.rowsOf(b.name)];
    await copy(rowA?.id ?? '', rowB?.id ?? '');
    await refusedAt(person, b.name);
  });

  it('of another owner, under the same name', async () => {
    const [person, thief] = [await stage.aPerson(), await stage.aPerson()];
    await stage.store(person, 'same-name');
    await stage.store(thief, 'same-name');
    const rows = await stage.database.query<{ id: string; user_id: string }>(
      `SELECT id, user_id FROM secrets WHERE name = 'same-name'`,
    );
    const idOf = (owner: TestUser) => rows.rows.find((row) => row.user_id === owner.id)?.id ?? '';
    await copy(idOf(person), idOf(thief));
    await refusedAt(thief, 'same-name');
  });

  it('nor given to another owner, renamed, or cut', async () => {
    const [person, thief] = [await stage.aPerson(), await stage.aPerson()];
    const [given, renamed, cut] = [await stage.store(person), await stage.store(person), await stage.store(person)];
    await stage.database.query('UPDATE secrets SET user_id = $1 WHERE name = $2', [thief.id, given.name]);
    await refusedAt(thief, given.name);
    await stage.database.query(`UPDATE secrets SET name = 'renamed' WHERE name = $1`, [renamed.name]);
    await refusedAt(person, 'renamed');
    await stage.database.query(`UPDATE secrets SET ciphertext = substr(ciphertext, 1, 20) WHERE name = $1`, [cut.name]);
    await refusedAt(person, cut.name);
  });

  it('nor under a key that this system has not', async () => {
    const person = await stage.aPerson();
    const { name } = await stage.store(person);
    await stage.database.query('UPDATE secrets SET key_version = 9 WHERE name = $1', [name]);
    const job = await submit(person, stage.call('/unkeyed', name));
    const { errorMessage } = await jobThatIs(person, job.id, 'failed');
    expect(errorMessage).toMatch(/sealed under key version 9, which this worker does not have.*SECRETS_KEYS/);
  });
});

describe('changing the key', () => {
  const rotate = (keys: string) =>
    promisify(execFile)(process.execPath, ['dist/commands/rotate-secrets.js'], {
      env: { PATH: process.env.PATH, ...stage.environment, SECRETS_KEYS: keys },
    });

  it('encrypts everything anew while jobs run, once', async () => {
    await stage.database.query('DELETE FROM secrets');
    const kept = await stage.store(await stage.aPerson(), 'kept');
    const [runner, other] = [await stage.aPerson(), await stage.aPerson()];
    for (const person of [runner, other]) for (let at = 0; at < 6; at += 1) await stage.store(person);
    const { name, value } = await stage.store(runner, 'live');
    let going = true;
    const jobs = (async () => {
      const ids: string[] = [];
      while (going) {
        const { id } = await submit(runner, stage.call('/live', name));
        await jobThatIs(runner, id, 'completed');
        ids.push(id);
      }
      return ids.length;
    })();
    const { stdout } = await rotate(`${second},${first}`);
    going = false;
    expect(await jobs).toBeGreaterThan(0);
    const total = 1 + 2 * 6 + 1;
    expect(stdout).toContain(`${total} of ${total}\n`);
    expect(stdout).toContain(
      `${total} sealed anew under key version 2; 0 changed by their owners meanwhile; 0 could not`,
    );
    expect(stdout).toContain('SECRETS_KEYS may be version 2 alone');
    expect(new Set(stage.target.received('/live').map(({ body }) => JSON.stringify(body)))).toEqual(
      new Set([JSON.stringify({ deep: [{ token: value }] })]),
    );
    expect((await rotate(`${second},${first}`)).stdout).toContain('0 sealed anew');
    const [row] = await stage.rowsOf(kept.name);
    expect(row).toMatchObject({ key_version: 2 });
  });

  it('says what it cannot open, leaves it, and ends with 1; with another key, or without, it ends with 2', async () => {
    const third = aKey(3);
    await stage.database.query(`UPDATE secrets SET ciphertext = substr(ciphertext, 2) WHERE name = 'kept'`);
    await expect(rotate(`${third},${second}`)).rejects.toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/- [0-9a-f-]{36} of user [0-9a-f-]{36}: The secret "kept" cannot be opened/),
    });
    const versions = 'SELECT key_version, count(*)::integer FROM secrets GROUP BY 1 ORDER BY 1';
    const before = (await stage.database.query(versions)).rows;
    for (const keys of [`${aKey(4)},${aKey(3)}`, `${aKey(3)},${second}`])
      await expect(rotate(keys)).rejects.toMatchObject({ code: 2, stderr: expect.stringMatching(anotherKey(3)) });
    await expect(rotate('')).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('SECRETS_KEYS') });
    expect((await stage.database.query(versions)).rows).toEqual(before);
  });
});

const anotherKey = (version: number) => new RegExp(`SECRETS_KEYS has another key as version ${version} `);

describe('with another key under a version that is known', () => {
  const start = (keys: string) => ProductProcess.start({ ...stage.environment, SECRETS_KEYS: keys });
  const startAndEnd = async (keys: string) => expect(await (await start(keys)).end()).toBe(0);

  it('no process starts; each says what to do', async () => {
    await expect(start(aKey(1))).rejects.toThrow(/configuration is not usable:\\n {2}- SECRETS_KEYS .* version 1 /);
    await expect(start(`${second},${aKey(1)}`)).rejects.toThrow(
      /Put the key of version 1 back.*such as \\"\d+:<key>\\"/,
    );
    await startAndEnd(`${second},${first}`);
  });

  it('nor of an installation that has secrets and knows no keys yet', async () => {
    await stage.store(await stage.aPerson(), 'from-before');
    await stage.database.query('DELETE FROM secret_keys');
    await stage.database.query(`DELETE FROM secrets WHERE name = 'kept'`);
    await expect(start(aKey(1))).rejects.toThrow(anotherKey(1));
    await startAndEnd(`${first},${second}`);
    const { rows } = await stage.database.query('SELECT version FROM secret_keys ORDER BY version');
    expect(rows).toEqual([{ version: 1 }, { version: 2 }]);
  });
});

describe('without a key', () => {
  it('secrets can be listed and deleted, and who stores one is told what is missing', async () => {
    const user = await stage.aPerson();
    await stage.store(user, 'billing-token');
    const bare = await ProductProcess.start({ ...stage.environment, SECRETS_KEYS: '' });
    try {
      const http = supertest(bare.url);
      const bearer = { authorization: `Bearer ${user.token}` };
      for (const request of [
        http.post('/secrets').send({ name: 'x', value: 'some-value' }),
        http.put('/secrets/billing-token').send({ value: 'some-value' }),
      ]) {
        const { body } = await request.set(bearer).expect(409);
        expect(body).toMatchObject({ code: 'SECRETS_NOT_CONFIGURED', detail: expect.stringContaining('SECRETS_KEYS') });
      }
      await http
        .get('/secrets')
        .set(bearer)
        .expect(200, /billing-token/);
      await http.delete('/secrets/billing-token').set(bearer).expect(204);
    } finally {
      await bare.end();
    }
  });
});

describe('after all of it', () => {
  it('no value stands in any table, nor in the log, in any form (K05)', async () => {
    expect(stage.planted.length).toBeGreaterThan(20);
    await stage.expectNothingLeaked();
  });
});
