import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/kernel/ids.js';
import type { ITransactionRunner } from '../../src/kernel/transaction.js';
import type { Sealed, Secret, StoredSecret } from '../../src/secrets/domain/secret.js';
import type { ISecretKeyMarks } from '../../src/secrets/interfaces/secret-key-marks.js';
import type { ISecretRepository } from '../../src/secrets/interfaces/secret-repository.js';
import type { ISecretRotation } from '../../src/secrets/interfaces/secret-rotation.js';

/** A store of secrets: all rows, and somebody who may own some. */
export interface SecretGround {
  secrets: ISecretRepository;
  rotation: ISecretRotation;
  marks: ISecretKeyMarks;
  transactions: ITransactionRunner;
  /** Removes what earlier tests left. */
  empty(): Promise<void>;
  aUserId(): Promise<string>;
}

const sealedUnder = (keyVersion: number): Sealed => ({
  keyVersion,
  nonce: randomBytes(12),
  ciphertext: randomBytes(24),
});

export function aSecret(userId: string, given: Partial<StoredSecret> = {}): StoredSecret {
  const at = new Date('2026-01-01T00:00:00Z');
  return {
    ...{ id: newId(), userId, name: `s-${newId()}`, createdAt: at, updatedAt: at, lastUsedAt: null },
    ...sealedUnder(1),
    ...given,
  };
}

export function secretRepositoryContract(name: string, open: () => Promise<SecretGround>): void {
  let ground: SecretGround;
  let owner: string;
  beforeEach(async () => {
    ground = await open();
    await ground.empty();
    owner = await ground.aUserId();
  });

  const inTransaction = <T>(work: Parameters<ITransactionRunner['run']>[0]): Promise<T> =>
    ground.transactions.run(work) as Promise<T>;
  async function stored(userId = owner, given: Partial<StoredSecret> = {}): Promise<StoredSecret> {
    const secret = aSecret(userId, given);
    await inTransaction((tx) => ground.secrets.insert(tx, secret));
    return secret;
  }
  const existing = (userId: string, names: string[]) =>
    inTransaction<string[]>((tx) => ground.secrets.existing(tx, userId, names));
  const replace = (id: string, sealed: Sealed) =>
    inTransaction<Secret | null>((tx) => ground.secrets.replace(tx, id, sealed));
  const remove = (userId: string, name: string) =>
    inTransaction<Secret | null>((tx) => ground.secrets.delete(tx, userId, name));
  const count = (userId: string) => inTransaction<number>((tx) => ground.secrets.count(tx, userId));

  describe(`${name} as ISecretRepository`, () => {
    it('keeps a secret as it was given, and lists it without what is sealed', async () => {
      const { nonce, ciphertext, ...shown } = await stored(owner, { name: 'token' });
      expect(await ground.secrets.findNamed(owner, ['token', 'other'])).toEqual([{ ...shown, nonce, ciphertext }]);
      expect(await ground.secrets.list(owner)).toEqual([shown]);
    });

    it('lists by name', async () => {
      for (const one of ['b', 'C', 'a', 'a.b', '1']) await stored(owner, { name: one });
      expect((await ground.secrets.list(owner)).map((secret) => secret.name)).toEqual(['1', 'C', 'a', 'a.b', 'b']);
    });

    it('takes one of a name, and of another owner the same name again', async () => {
      const first = await stored(owner, { name: 'token' });
      await expect(stored(owner, { name: 'token' })).rejects.toMatchObject({ code: 'SECRET_EXISTS' });
      await stored(await ground.aUserId(), { name: 'token' });
      expect(await ground.secrets.findNamed(owner, ['token'])).toEqual([first]);
      expect(await count(owner)).toBe(1);
    });

    it("shows, counts and deletes nobody else's", async () => {
      const { name: taken } = await stored();
      const other = await ground.aUserId();
      expect(await ground.secrets.list(other)).toEqual([]);
      expect(await ground.secrets.findNamed(other, [taken])).toEqual([]);
      expect(await existing(other, [taken])).toEqual([]);
      expect(await count(other)).toBe(0);
      expect(await remove(other, taken)).toBeNull();
      expect(await existing(owner, [taken, 'x'])).toEqual([taken]);
    });

    it('replaces what is sealed, and nothing else', async () => {
      const { id, name: kept, createdAt, updatedAt } = await stored();
      const sealed = sealedUnder(2);
      const shown = await replace(id, sealed);
      expect(shown).toMatchObject({ id, name: kept, createdAt, keyVersion: 2 });
      expect(shown).not.toHaveProperty('ciphertext');
      expect(shown?.updatedAt.getTime()).toBeGreaterThan(updatedAt.getTime());
      expect(await ground.secrets.findNamed(owner, [kept])).toEqual([expect.objectContaining(sealed)]);
      expect(await replace(newId(), sealed)).toBeNull();
    });

    it('deletes once', async () => {
      const { nonce: _nonce, ciphertext: _ciphertext, ...shown } = await stored();
      const gone = shown.name;
      expect(await remove(owner, gone)).toEqual(shown);
      expect(await remove(owner, gone)).toBeNull();
      expect(await ground.secrets.findNamed(owner, [gone])).toEqual([]);
    });

    it('notes the minute of the last use', async () => {
      const [used, unused] = [await stored(), await stored()];
      await ground.secrets.touch([used.id, newId()]);
      const shown = await ground.secrets.list(owner);
      const last = shown.find(({ id }) => id === used.id)?.lastUsedAt;
      expect(last?.getTime()).toBeGreaterThan(0);
      expect((last?.getTime() ?? 1) % 60_000).toBe(0);
      expect(shown.find(({ id }) => id === unused.id)?.lastUsedAt).toBeNull();
    });
  });

  describe(`${name} as ISecretKeyMarks`, () => {
    it('keeps the first mark of a version', async () => {
      const [first, other, second] = [sealedUnder(1), sealedUnder(1), sealedUnder(2)];
      for (const mark of [first, other, second]) await ground.marks.add(mark);
      const kept = await ground.marks.all();
      expect(kept.sort((a, b) => a.keyVersion - b.keyVersion)).toEqual([first, second]);
    });

    it("finds the latest of everybody's secrets that a version has sealed", async () => {
      const at = (second: number) => ({ updatedAt: new Date(Date.UTC(2026, 0, 1, 0, 0, second)) });
      const [, middle, last] = [
        await stored(owner, at(1)),
        await stored(await ground.aUserId(), at(2)),
        await stored(owner, at(3)),
        await stored(owner, { keyVersion: 2, ...at(4) }),
      ];
      expect(await ground.marks.sealedUnder(1, 2)).toEqual([last, middle]);
      expect(await ground.marks.sealedUnder(3, 2)).toEqual([]);
    });
  });

  describe(`${name} as ISecretRotation`, () => {
    it('counts by key version', async () => {
      for (const keyVersion of [3, 1, 3]) await stored(owner, { keyVersion });
      await stored(await ground.aUserId());
      expect(await ground.rotation.countByVersion()).toEqual(
        new Map([
          [1, 2],
          [3, 2],
        ]),
      );
    });

    it('goes through those under another key, of every owner, in batches by id', async () => {
      const ids = [(await stored()).id, (await stored(await ground.aUserId())).id, (await stored()).id].sort();
      await stored(owner, { keyVersion: 2 });
      const batch = async (after: string | null) =>
        (await ground.rotation.sealedOtherwise(2, after, 2)).map(({ id }) => id);
      expect(await batch(null)).toEqual(ids.slice(0, 2));
      expect(await batch(ids[1] ?? null)).toEqual(ids.slice(2));
      expect(await batch(ids[2] ?? null)).toEqual([]);
    });

    it('writes what was sealed anew, unless the row has changed since it was read or is gone', async () => {
      const [same, replaced, gone] = [await stored(), await stored(), await stored()];
      const newer = sealedUnder(1);
      await replace(replaced.id, newer);
      await remove(owner, gone.name);
      const pairs = [same, replaced, gone].map((read) => ({ read, sealed: sealedUnder(2) }));
      expect(await ground.rotation.reseal(pairs)).toBe(1);
      expect(await ground.rotation.reseal(pairs)).toBe(0);
      expect(await ground.secrets.findNamed(owner, [same.name])).toEqual([{ ...same, ...pairs[0]?.sealed }]);
      expect(await ground.secrets.findNamed(owner, [replaced.name])).toEqual([expect.objectContaining(newer)]);
      expect(await count(owner)).toBe(2);
      expect(await ground.rotation.reseal([])).toBe(0);
    });
  });
}
