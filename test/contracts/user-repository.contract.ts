import { describe, expect, it } from '@jest/globals';
import { newId } from '../../src/kernel/ids.js';
import type { ITransactionRunner } from '../../src/kernel/transaction.js';
import type { User } from '../../src/users/domain/user.js';
import type { IUserRepository } from '../../src/users/interfaces/user-repository.js';

let serial = 0;

export function aUser(given: Partial<User> = {}): User {
  serial += 1;
  const id = newId();
  return {
    id,
    email: `person-${serial}-${id}@example.com`,
    name: 'Ada Lovelace',
    passwordHash: '$2b$04$hash',
    role: 'user',
    isActive: true,
    createdAt: new Date('2026-01-02T03:04:05.678Z'),
    updatedAt: new Date('2026-01-02T03:04:05.678Z'),
    ...given,
  };
}

/**
 * What every user repository keeps.
 *
 * @param open answers a repository; others may have written to it
 * @param transactions for the writes that need one
 */
export function userRepositoryContract(
  name: string,
  open: () => Promise<IUserRepository>,
  transactions: () => ITransactionRunner,
): void {
  describe(`${name} as IUserRepository`, () => {
    it('gives back what was added, by id and by e-mail, each field unchanged', async () => {
      const users = await open();
      const user = aUser({ name: 'Ada "Żółw" 🐢', role: 'admin', isActive: false });
      await users.insert(user);
      expect(await users.findById(user.id)).toEqual(user);
      expect(await users.findByEmail(user.email)).toEqual(user);
    });

    it('answers null for whom it does not know, whatever the id looks like', async () => {
      const users = await open();
      for (const id of [newId(), 'nobody', '', "' or 1=1 --"]) expect(await users.findById(id)).toBeNull();
      expect(await users.findByEmail('nobody@example.com')).toBeNull();
    });

    it('refuses an e-mail that is taken and leaves the first owner as they were', async () => {
      const users = await open();
      const first = aUser();
      await users.insert(first);
      const second = aUser({ email: first.email, name: 'Somebody Else' });
      await expect(users.insert(second)).rejects.toMatchObject({ kind: 'conflict', code: 'EMAIL_TAKEN' });
      expect(await users.findByEmail(first.email)).toEqual(first);
      expect(await users.findById(second.id)).toBeNull();
    });

    it('lets exactly one of many win who add one e-mail at once', async () => {
      const users = await open();
      const { email } = aUser();
      const rivals = Array.from({ length: 8 }, () => aUser({ email }));
      const outcomes = await Promise.allSettled(rivals.map((user) => users.insert(user)));
      const winners = rivals.filter((_, index) => outcomes[index]?.status === 'fulfilled');
      expect(winners).toHaveLength(1);
      expect(await users.findByEmail(email)).toEqual(winners[0]);
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'EMAIL_TAKEN' });
    });

    it('hands out copies: changing one changes nobody else', async () => {
      const users = await open();
      const user = aUser();
      await users.insert(user);
      const found = await users.findById(user.id);
      if (found) found.name = 'Changed';
      expect((await users.findById(user.id))?.name).toBe(user.name);
    });

    it('changes what it is told to, and no e-mail to one that is taken', async () => {
      const users = await open();
      const [user, other] = [aUser(), aUser()];
      await users.insert(user);
      await users.insert(other);
      const changes = { name: 'Ada King', role: 'admin', isActive: false, passwordHash: 'another' } as const;
      const changed = await transactions().run((tx) => users.update(tx, user.id, changes));
      expect(changed).toEqual({ ...user, ...changes, updatedAt: changed.updatedAt });
      expect(await users.findById(user.id)).toEqual(changed);
      await expect(transactions().run((tx) => users.update(tx, user.id, { email: other.email }))).rejects.toMatchObject(
        { code: 'EMAIL_TAKEN' },
      );
      await expect(transactions().run((tx) => users.update(tx, newId(), { name: 'x' }))).rejects.toMatchObject({
        code: 'USER_NOT_FOUND',
      });
    });

    it('locks a user, and the admins who may act', async () => {
      const users = await open();
      const [admin, disabled] = [aUser({ role: 'admin' }), aUser({ role: 'admin', isActive: false })];
      await users.insert(admin);
      await users.insert(disabled);
      await transactions().run(async (tx) => {
        expect(await users.lock(tx, admin.id)).toEqual(admin);
        expect(await users.lock(tx, newId())).toBeNull();
        const admins = await users.lockActiveAdmins(tx);
        expect(admins).toContain(admin.id);
        expect(admins).not.toContain(disabled.id);
      });
    });

    it('lists newest first, by role, activity and literal text, and counts', async () => {
      const users = await open();
      const mark = newId();
      const [first, second, third] = [
        aUser({ name: `100% ${mark}`, role: 'admin' }),
        aUser({ name: `100 ${mark}`, isActive: false }),
        aUser({ email: `${mark}@example.com` }),
      ];
      const before = await users.count();
      for (const user of [first, second, third]) await users.insert(user);
      const found = async (filter: object, page = { page: 1, limit: 2 }) => {
        const { data, meta } = await users.list({ search: mark, ...filter }, page);
        return [data.map(({ id }) => id), meta.total];
      };
      expect(await found({})).toEqual([[third.id, second.id], 3]);
      expect(await found({}, { page: 2, limit: 2 })).toEqual([[first.id], 3]);
      expect(await found({ role: 'admin' })).toEqual([[first.id], 1]);
      expect(await found({ isActive: false })).toEqual([[second.id], 1]);
      expect(await found({ search: `100% ${mark.toUpperCase()}` })).toEqual([[first.id], 1]);
      expect(await users.count()).toEqual({
        total: before.total + 3,
        active: before.active + 2,
        admins: before.admins + 1,
      });
    });

    it('deletes', async () => {
      const users = await open();
      const user = aUser();
      await users.insert(user);
      await transactions().run((tx) => users.delete(tx, user.id));
      expect(await users.findById(user.id)).toBeNull();
    });
  });
}
