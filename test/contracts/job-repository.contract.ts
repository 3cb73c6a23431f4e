import { describe, expect, it } from '@jest/globals';
import { newId } from '../../src/kernel/ids.js';
import {
  aClaimant,
  aJob,
  aNewRun,
  aRecurringJob,
  aSettlement,
  everyMinute,
  failure,
  idAt,
} from '../support/factories.js';
import { aStoredJob, firstPage, insertJobs, insertRuns, ms } from './ground.js';
import type { OpenGround } from './ground.js';

/** What every job repository keeps. */
export function jobRepositoryContract(name: string, open: OpenGround): void {
  describe(`${name} as IJobRepository`, () => {
    it('gives back each field of what was added, and no run before there is one', async () => {
      const ground = await open();
      const owner = await ground.anOwner();
      const at = ms(ground.now(), 3_600_000);
      const once = aJob(owner, at, { description: 'Żółw 🐢 "quoted"', timezone: 'Europe/Berlin', retryDelayMs: 7 });
      const recurring = aRecurringJob(owner, at, { pauseAfterFailures: 2, onLost: 'park', notifyOnFailure: false });
      await insertJobs(ground, once, recurring);
      expect(await ground.jobs.find(once.id, owner)).toEqual({ ...once, nextHasRun: false, lastRun: null });
      expect(await ground.jobs.find(recurring.id, owner)).toEqual({ ...recurring, nextHasRun: false, lastRun: null });
    });

    it('shows nothing of a transaction that has not committed, and keeps nothing of one that failed', async () => {
      const ground = await open();
      const owner = await ground.anOwner();
      const job = aJob(owner, ground.now());
      const failed = ground.transactions.run(async (tx) => {
        await ground.jobs.insert(tx, [job]);
        await ground.runs.insert(tx, [aNewRun(job.id, ground.now())]);
        expect(await ground.jobs.find(job.id, owner)).toBeNull();
        throw new Error('changed my mind');
      });
      await expect(failed).rejects.toThrow('changed my mind');
      expect(await ground.jobs.find(job.id, owner)).toBeNull();
      expect((await ground.runs.findByJob(job.id, {}, firstPage)).data).toEqual([]);
    });

    it("answers as if somebody else's job did not exist, in every way of asking", async () => {
      const ground = await open();
      const job = await aStoredJob(ground);
      const stranger = await ground.anOwner();
      expect(await ground.jobs.find(job.id, stranger)).toBeNull();
      expect(await ground.jobs.findMany([job.id, newId()], stranger)).toEqual([]);
      expect((await ground.jobs.list(stranger, {}, firstPage)).data).toEqual([]);
      expect(await ground.transactions.run((tx) => ground.jobs.lock(tx, job.id, stranger))).toBeNull();
    });

    it('lists what is small as it is, member by member, and names what is too large for a list', async () => {
      const ground = await open();
      const owner = await ground.anOwner();
      const small = aJob(owner, ground.now(), { payload: { z: 1, a: { c: 'é', b: [] } }, description: 'x' });
      const large = aRecurringJob(owner, ms(ground.now(), 3_600_000), {
        payload: { x: 'x'.repeat(4_096) },
        description: 'd'.repeat(2_000),
      });
      await insertJobs(ground, small, large);
      const { data } = await ground.jobs.list(owner, {}, { page: 1, limit: 100 });
      const [listed, whole] = [large, small].map(({ id }) => data.find((job) => job.id === id));
      expect(whole).toEqual({ ...small, nextHasRun: false, lastRun: null, truncated: [] });
      expect(JSON.stringify(whole?.payload)).toBe(JSON.stringify(small.payload));
      expect(listed).toMatchObject({ payload: null, description: `${'d'.repeat(750)}… [cut]` });
      expect(listed?.truncated).toEqual(['payload', 'description']);
      expect((await ground.jobs.find(large.id, owner))?.payload).toEqual(large.payload);
    });

    it('lists newest first, in pages that neither repeat nor lose a job', async () => {
      const ground = await open();
      const owner = await ground.anOwner();
      const jobs = Array.from({ length: 7 }, () => aJob(owner, ground.now()));
      await insertJobs(ground, ...jobs);
      const pages = await Promise.all([1, 2, 3, 4].map((page) => ground.jobs.list(owner, {}, { page, limit: 3 })));
      expect(pages.flatMap(({ data }) => data.map(({ id }) => id))).toEqual(jobs.map(({ id }) => id).reverse());
      expect(pages.map(({ meta }) => meta)).toEqual(
        [1, 2, 3, 4].map((page) => ({ page, limit: 3, total: 7, totalPages: 3 })),
      );
    });

    it('filters by type, handler and time of creation, bounds included', async () => {
      const ground = await open();
      const owner = await ground.anOwner();
      const now = ground.now();
      const mail = aJob(owner, now, { id: idAt(ms(now, -2_000)), handler: 'email', createdAt: ms(now, -2_000) });
      const call = aJob(owner, now, { id: idAt(ms(now, -1_000)), handler: 'http', createdAt: ms(now, -1_000) });
      const daily = aRecurringJob(owner, ms(now, 60_000), { id: idAt(now), createdAt: now });
      await insertJobs(ground, mail, call, daily);
      const found = async (filter: Parameters<typeof ground.jobs.list>[1]) =>
        (await ground.jobs.list(owner, filter, firstPage)).data.map(({ id }) => id);
      expect(await found({ type: 'recurring' })).toEqual([daily.id]);
      expect(await found({ handler: 'email' })).toEqual([mail.id]);
      expect(await found({ fromDate: call.createdAt })).toEqual([daily.id, call.id]);
      expect(await found({ toDate: call.createdAt })).toEqual([call.id, mail.id]);
      expect(await found({ type: 'one_time', fromDate: call.createdAt, handler: 'email' })).toEqual([]);
    });

    it.each([-20, 20])(
      'finds by its time of creation what a process made whose clock is %i hours off',
      async (hours) => {
        const ground = await open();
        const owner = await ground.anOwner();
        const now = ground.now();
        const at = (daysAgo: number) => ms(now, -daysAgo * 86_400_000);
        const jobs = [9, 5, 1].map((days) =>
          aJob(owner, now, { id: idAt(ms(at(days), hours * 3_600_000)), createdAt: at(days) }),
        );
        await insertJobs(ground, ...jobs);
        const found = async (filter: Parameters<typeof ground.jobs.list>[1]) =>
          (await ground.jobs.list(owner, filter, firstPage)).data.map(({ id }) =>
            jobs.findIndex((job) => job.id === id),
          );
        expect(await found({ fromDate: at(5) })).toEqual([2, 1]);
        expect(await found({ toDate: at(5) })).toEqual([1, 0]);
        expect(await found({ fromDate: at(5), toDate: at(5) })).toEqual([1]);
        expect(await found({ fromDate: new Date(0), toDate: new Date('9999-12-31') })).toEqual([2, 1, 0]);
        expect(await found({ toDate: new Date(0) })).toEqual([]);
        expect(await found({ fromDate: new Date('9999-12-31') })).toEqual([]);
      },
    );

    it.each([
      ['100%', ['at 100% of it']],
      ['_', ['snake_case']],
      ['a\\b', ['a\\b path']],
      ['%', ['at 100% of it']],
      ['SNAKE', ['snake_case']],
      ["' OR 1=1", []],
      ['in the description', ['plain']],
    ])('searches %j literally, in any case', async (search, expected) => {
      const ground = await open();
      const owner = await ground.anOwner();
      const names = ['at 100% of it', 'snake_case', 'a\\b path'];
      await insertJobs(ground, ...names.map((text) => aJob(owner, ground.now(), { name: text })));
      await insertJobs(ground, aJob(owner, ground.now(), { name: 'plain', description: 'In the description' }));
      const { data, meta } = await ground.jobs.list(owner, { search }, firstPage);
      expect(data.map((job) => job.name)).toEqual(expected);
      expect(meta.total).toBe(expected.length);
    });

    it('shows a job as running exactly while one of its runs is, also to the filter', async () => {
      const ground = await open();
      const job = await aStoredJob(ground, { maxRetries: 0 });
      const run = aNewRun(job.id, ground.now());
      await insertRuns(ground, run);
      const listed = async (status: 'pending' | 'running' | 'failed') =>
        (await ground.jobs.list(job.userId, { status }, firstPage)).meta.total;
      expect([await listed('pending'), await listed('running')]).toEqual([1, 0]);
      const [claimed] = await ground.leases.claim([run.id], aClaimant());
      expect((await ground.jobs.find(job.id, job.userId))?.status).toBe('running');
      expect([await listed('pending'), await listed('running')]).toEqual([0, 1]);
      await ground.leases.settle([aSettlement(claimed!, failure)]);
      expect(await ground.jobs.find(job.id, job.userId)).toMatchObject({
        status: 'failed',
        nextRunAt: null,
        lastRun: { id: run.id, state: 'failed', attempts: 1, errorMessage: 'status 500', result: null },
      });
      expect(await listed('failed')).toBe(1);
    });

    it('shows as next time that of the earliest planned run, else that of the schedule', async () => {
      const ground = await open();
      const owner = await ground.anOwner();
      const [first, second, third] = [1, 2, 3].map((minute) => ms(ground.now(), minute * 60_000)) as [Date, Date, Date];
      const [job] = await insertJobs(ground, aRecurringJob(owner, third));
      expect((await ground.jobs.find(job.id, owner))?.nextRunAt).toEqual(third);
      await insertRuns(ground, aNewRun(job.id, second, { gated: true }), aNewRun(job.id, first, { gated: true }));
      expect((await ground.jobs.find(job.id, owner))?.nextRunAt).toEqual(first);
    });

    it('lets changes of one job happen one after the other', async () => {
      const ground = await open();
      const job = await aStoredJob(ground);
      const raise = () =>
        ground.transactions.run(async (tx) => {
          const locked = await ground.jobs.lock(tx, job.id, job.userId);
          await ground.jobs.update(tx, { ...locked!, version: locked!.version + 1 });
        });
      await Promise.all(Array.from({ length: 8 }, raise));
      expect((await ground.jobs.find(job.id, job.userId))?.version).toBe(9);
    });

    it('keeps the schedule versions that were in force, and forgets them with the job', async () => {
      const ground = await open();
      const owner = await ground.anOwner();
      const start = ground.now();
      const [job] = await insertJobs(ground, aRecurringJob(owner, start, { versionSince: start }));
      const next = {
        ...job,
        schedule: { timezone: 'UTC', cron: ['0 0 * * *'] },
        version: 2,
        versionSince: ms(start, 5_000),
        updatedAt: ms(start, 5_000),
      };
      await ground.transactions.run((tx) => ground.jobs.update(tx, next, job));
      await ground.transactions.run((tx) => ground.jobs.update(tx, { ...next, name: 'Same schedule' }));
      expect(await ground.jobs.versions(job.id)).toEqual([
        { version: 1, schedule: everyMinute, validFrom: start, validTo: next.versionSince },
        { version: 2, schedule: next.schedule, validFrom: next.versionSince, validTo: null },
      ]);
      expect(await ground.jobs.find(job.id, owner)).toMatchObject({ name: 'Same schedule', createdAt: job.createdAt });
      await ground.transactions.run((tx) => ground.jobs.delete(tx, job.id));
      expect(await ground.jobs.find(job.id, owner)).toBeNull();
      expect(await ground.jobs.versions(job.id)).toEqual([]);
    });
  });
}
