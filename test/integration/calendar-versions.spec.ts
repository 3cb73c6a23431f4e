import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CalendarVersions1763728000000 } from '../../src/database/migrations/1763728000000-CalendarVersions.js';
import { TypeormCalendarVersions } from '../../src/calendars/repositories/typeorm-calendar-versions.js';
import { TypeormCalendarRepository } from '../../src/calendars/repositories/typeorm-calendar.repository.js';
import { everyMinute, aRecurringJob } from '../support/factories.js';
import { startPostgresGround } from '../support/postgres-ground.js';
import { newId } from '../../src/kernel/ids.js';

let postgres: Awaited<ReturnType<typeof startPostgresGround>>;
let userId: string;
/** The day before the one at which the database's clock stands. */
const at = new Date('2025-12-31T00:00:00Z');

beforeAll(async () => {
  postgres = await startPostgresGround();
  userId = await postgres.ground.anOwner();
});
afterAll(() => postgres.stop());

async function aCalendar(days: string[]): Promise<string> {
  const times = { createdAt: at, updatedAt: at };
  const calendar = { id: newId(), userId, name: `calendar ${newId()}`, days, version: 1, changing: false, ...times };
  await postgres.ground.transactions.run((tx) => new TypeormCalendarRepository(postgres.database).insert(tx, calendar));
  return calendar.id;
}

async function aJobWith(calendars: { id: string; version: number }[]): Promise<string> {
  const job = aRecurringJob(userId, at, { schedule: { ...everyMinute, timezone: 'UTC', calendars } as never });
  await postgres.ground.transactions.run((tx) => postgres.ground.jobs.insert(tx, [job]));
  return job.id;
}

const calendarsOf = async (jobId: string): Promise<Record<string, unknown>[]> => {
  const [row] = await postgres.database.query(`SELECT schedule -> 'calendars' AS calendars FROM jobs WHERE id = $1`, [
    jobId,
  ]);
  return row.calendars;
};

describe('the migration to versions of calendars', () => {
  it('turns copies into names, each with the days it had, and back', async () => {
    const [one, other] = [await aCalendar(['2026-05-01']), await aCalendar(['2026-12-25', '2026-12-26'])];
    const named = [one, other].map((id) => ({ id, version: 1 }));
    const [current, outdated] = [await aJobWith(named), await aJobWith(named)];
    const migration = new CalendarVersions1763728000000();
    const runner = postgres.database.createQueryRunner();
    try {
      await migration.down(runner);
      const copies = await calendarsOf(current);
      expect(copies).toMatchObject([
        { id: one, days: ['2026-05-01'] },
        { id: other, days: ['2026-12-25', '2026-12-26'] },
      ]);
      // A job that was never told of the latest change, with a copy of its own.
      await postgres.database.query(
        `UPDATE jobs SET schedule = jsonb_set(schedule, '{calendars,0,days}', '["2025-05-01"]') WHERE id = $1`,
        [outdated],
      );
      const before = await calendarsOf(outdated);
      // One that was broken off begins again.
      await migration.up(runner);
      await migration.up(runner);
      expect(await calendarsOf(current)).toEqual(named);
      expect(await calendarsOf(outdated)).toEqual([{ id: one, version: 0 }, named[1]]);
      const versions = new TypeormCalendarVersions(postgres.database);
      expect(await versions.read(null, [{ id: one, version: 0 }])).toMatchObject([{ days: ['2025-05-01'] }]);
      await migration.down(runner);
      expect(await calendarsOf(current)).toEqual(copies);
      expect(await calendarsOf(outdated)).toEqual(before);
      await migration.up(runner);
    } finally {
      await runner.release();
    }
  });
});

describe('pruning versions of calendars', () => {
  it('leaves those that are current, named or young', async () => {
    const id = await aCalendar([]);
    await postgres.database.query(`UPDATE calendars SET version = 5 WHERE id = $1`, [id]);
    await postgres.database.query(
      `INSERT INTO calendar_versions (calendar_id, version, name, days, created_at)
       SELECT $1, v, 'c', '[]', clock_timestamp() - make_interval(mins => 10 * (13 - 2 * v)) FROM generate_series(2, 5) v`,
      [id],
    );
    await aJobWith([{ id, version: 2 }]);
    const versions = new TypeormCalendarVersions(postgres.database);
    let after: string | null = null;
    do after = (await versions.prune(after, 2)).next;
    while (after !== null);
    const left = await postgres.database.query(
      `SELECT version FROM calendar_versions WHERE calendar_id = $1 ORDER BY version`,
      [id],
    );
    // 1 is unused and old, 2 is named by a job, 3 is unused and 70 minutes old, 4 is 50 minutes old, 5 is current.
    expect(left.map(({ version }: { version: number }) => version)).toEqual([2, 4, 5]);
  });
});
