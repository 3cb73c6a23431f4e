import { describe, expect, it } from '@jest/globals';
import { newId } from '../../src/kernel/ids.js';
import type { ITransactionRunner } from '../../src/kernel/transaction.js';
import { PlacesVoid } from '../../src/jobs/interfaces/live-job-places.js';
import type { ILiveJobPlaces, PromisedPlaces } from '../../src/jobs/interfaces/live-job-places.js';
import { noOverrides } from '../../src/quotas/domain/quotas.js';
import type { ILiveJobs } from '../../src/quotas/interfaces/live-jobs.js';
import type { IMailCounts } from '../../src/quotas/interfaces/mail-counts.js';
import type { IQuotaRepository } from '../../src/quotas/interfaces/quota-repository.js';
import { aJob } from '../support/factories.js';
import { insertJobs } from './ground.js';
import type { Ground } from './ground.js';

/** The stores of quotas, and users whom they may belong to. */
export interface QuotaGround {
  quotas: IQuotaRepository;
  mails: IMailCounts;
  transactions: ITransactionRunner;
  aUserId(): Promise<string>;
}

export function quotaRepositoryContract(name: string, open: () => Promise<QuotaGround>): void {
  describe(`${name} as IQuotaRepository`, () => {
    it('knows nothing of somebody for whom nothing was set', async () => {
      const { quotas, aUserId } = await open();
      expect(await quotas.find(newId())).toEqual(noOverrides);
      expect(await quotas.find(await aUserId())).toEqual(noOverrides);
    });

    it('gives back what was set, zero and null included, and replaces it', async () => {
      const { quotas, aUserId } = await open();
      const [ada, bob] = [await aUserId(), await aUserId()];
      const set = { ...noOverrides, liveJobs: 0, mailsPerDay: 1_000_000_000 };
      await quotas.save(ada, set);
      expect(await quotas.find(ada)).toEqual(set);
      expect(await quotas.find(bob)).toEqual(noOverrides);
      await quotas.save(ada, { ...noOverrides, payloadBytes: 7 });
      expect(await quotas.find(ada)).toEqual({ ...noOverrides, payloadBytes: 7 });
    });
  });
}

export function mailCountsContract(name: string, open: () => Promise<QuotaGround>): void {
  describe(`${name} as IMailCounts`, () => {
    const sentIn = async ({ mails }: QuotaGround, userId: string): Promise<number> =>
      (await mails.read(userId)).hours.reduce((total, { sent }) => total + sent, 0);

    it('adds up what is counted in one hour', async () => {
      const ground = await open();
      const userId = await ground.aUserId();
      const { hours, now } = await ground.mails.read(userId);
      expect(hours).toEqual([]);
      for (const count of [2, 3]) await ground.transactions.run((tx) => ground.mails.add(tx, userId, count, now));
      expect((await ground.mails.read(userId)).hours).toEqual([
        { hour: new Date(Math.floor(now.getTime() / 3_600_000) * 3_600_000), sent: 5 },
      ]);
      expect(await sentIn(ground, await ground.aUserId())).toBe(0);
    });

    it('has nothing of the hours before the last day', async () => {
      const ground = await open();
      const userId = await ground.aUserId();
      const { now } = await ground.mails.read(userId);
      const yesterday = new Date(now.getTime() - 90_000_000);
      await ground.transactions.run((tx) => ground.mails.add(tx, userId, 9, yesterday));
      expect(await sentIn(ground, userId)).toBe(0);
    });

    it('lets no two count at once, and nobody who is not there', async () => {
      const ground = await open();
      const userId = await ground.aUserId();
      await Promise.all(
        Array.from({ length: 10 }, () =>
          ground.transactions.run(async (tx) => {
            const counted = await ground.mails.lock(tx, userId);
            const sent = counted?.hours.reduce((total, hour) => total + hour.sent, 0) ?? 0;
            if (counted && sent < 4) await ground.mails.add(tx, userId, 1, counted.now);
          }),
        ),
      );
      expect(await sentIn(ground, userId)).toBe(4);
      expect(await ground.transactions.run((tx) => ground.mails.lock(tx, newId()))).toBeNull();
    });
  });
}

export interface PlacesGround {
  ground: Ground;
  places: ILiveJobPlaces & ILiveJobs;
}

export function liveJobPlacesContract(name: string, open: () => Promise<PlacesGround>): void {
  describe(`${name} as ILiveJobPlaces`, () => {
    const anOwnerOf = async ({ ground }: PlacesGround, count: number): Promise<string> => {
      const owner = await ground.anOwner();
      const jobs = Array.from({ length: count }, () => aJob(owner, ground.now()));
      if (count > 0) await insertJobs(ground, ...jobs);
      return owner;
    };

    it('promises nothing before it has counted', async () => {
      const opened = await open();
      expect(await opened.places.promise(await anOwnerOf(opened, 0), 1, 100)).toBeNull();
    });

    it('counts jobs that are not finished, paused ones too, and of this owner only', async () => {
      const opened = await open();
      const owner = await opened.ground.anOwner();
      const statuses = ['pending', 'paused', 'completed', 'failed', 'cancelled'] as const;
      await insertJobs(opened.ground, ...statuses.map((status) => aJob(owner, opened.ground.now(), { status })));
      await anOwnerOf(opened, 3);
      expect(await opened.places.count(owner, 100)).toBe(2);
      expect(await opened.places.count(owner, 1)).toBe(1);
      expect(await opened.places.recount(owner, 100)).toBe(2);
    });

    it('promises as much as there is room for beside what was counted, to many at once', async () => {
      const opened = await open();
      const owner = await anOwnerOf(opened, 3);
      await opened.places.recount(owner, 100);
      const promised = await Promise.all(Array.from({ length: 20 }, () => opened.places.promise(owner, 2, 20)));
      expect(promised.filter((generation) => generation !== null)).toHaveLength(8);
      expect(await opened.places.promise(owner, 1, 20)).not.toBeNull();
      expect(await opened.places.promise(owner, 1, 20)).toBeNull();
    });

    it('counts for one alone, what it adds included if there is room', async () => {
      const opened = await open();
      const { ground, places } = opened;
      const owner = await anOwnerOf(opened, 3);
      await places.recount(owner, 10);
      const before = (await places.promise(owner, 1, 10)) ?? '';
      const promised = (generation: string) => ({ userId: owner, generation });
      const alone = (adding: number) => ground.transactions.run((tx) => places.recountAlone(tx, owner, adding, 10));
      expect(await alone(5)).toBe(3);
      await expect(ground.transactions.run((tx) => places.hold(tx, [promised(before)]))).rejects.toThrow(PlacesVoid);
      expect(await places.promise(owner, 3, 10)).toBeNull();
      expect(await places.promise(owner, 2, 10)).not.toBeNull();
      expect(await alone(8)).toBe(3);
      expect(await places.promise(owner, 7, 10)).not.toBeNull();
    });

    const ways = ['run', 'atOnce'] as const;

    it.each(ways)('makes void what was promised before a count, and what is written under it, by %s', async (way) => {
      const { ground, places } = await open();
      const owner = await ground.anOwner();
      await places.recount(owner, 100);
      const before = (await places.promise(owner, 50, 100)) ?? '';
      const submit = (generation: string) =>
        ground.transactions[way](async (tx) => {
          const inserted = ground.jobs.insert(tx, [aJob(owner, ground.now())]);
          if (way === 'run') await inserted;
          await Promise.all([inserted, places.hold(tx, [{ userId: owner, generation }])]);
        });
      await submit(before);
      expect(await places.recount(owner, 100)).toBe(1);
      await expect(submit(before)).rejects.toThrow(PlacesVoid);
      const after = (await places.promise(owner, 99, 100)) ?? '';
      await submit(after);
      expect(await places.count(owner, 100)).toBe(2);
    });

    it('holds places of several users, all or none', async () => {
      const { ground, places } = await open();
      const owners = [await ground.anOwner(), await ground.anOwner()];
      const promises: PromisedPlaces[] = [];
      for (const userId of owners) {
        await places.recount(userId, 100);
        promises.push({ userId, generation: (await places.promise(userId, 1, 100)) ?? '' });
      }
      await ground.transactions.run((tx) => places.hold(tx, promises));
      await places.recount(owners[1] ?? '', 100);
      await expect(ground.transactions.run((tx) => places.hold(tx, promises))).rejects.toThrow(PlacesVoid);
    });
  });
}
