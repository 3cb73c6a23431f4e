import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { defaultCatchup } from '../../../jobs/domain/policies.js';
import type { Catchup } from '../../../jobs/domain/policies.js';
import type { RecurringSchedule } from '../../../schedules/domain/index.js';
import { Play, epoch } from '../../../../test/support/planner-play.js';

const schedule: fc.Arbitrary<RecurringSchedule> = fc
  .tuple(
    fc.oneof(
      fc.constantFrom('* * * * *', '*/7 * * * *', '30 2 * * *', '0 * * * *', '*/20 * * * * *').map((line) => ({
        cron: [line],
      })),
      fc.constantFrom(1_000, 45_000, 3_600_000).map((intervalMs) => ({ intervalMs, anchorAt: epoch.toISOString() })),
    ),
    fc.record(
      {
        maxRuns: fc.integer({ min: 1, max: 40 }),
        jitterMs: fc.constantFrom(500, 30_000),
        excludeDates: fc.constantFrom<string[]>(['2030-03-31'], ['2030-03-30', '2030-04-01']),
        endsAt: fc.constantFrom('2030-03-30T23:10:00.000Z', '2030-04-01T00:00:00.000Z'),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([kind, bounds]) => ({ ...kind, ...bounds, timezone: 'Europe/Berlin' }));

const catchup: fc.Arbitrary<Catchup> = fc.record({
  mode: fc.constantFrom('latest', 'all', 'none'),
  windowMs: fc.constantFrom(null, 0, 600_000),
  max: fc.constantFrom(1, 3, 100),
});

type Act = (play: Play) => Promise<void> | void;
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.integer({ min: 1, max: 90_000 }).map(
      (ms): Act =>
        (play) =>
          play.wait(ms),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 90_000, max: 1_800_000 }).map(
      (ms): Act =>
        (play) =>
          play.wait(ms),
    ),
  },
  { weight: 6, arbitrary: fc.constant<Act>((play) => play.tick()) },
  { weight: 4, arbitrary: fc.constant<Act>((play) => play.work()) },
  { weight: 2, arbitrary: fc.constant<Act>((play) => play.pause()) },
  { weight: 2, arbitrary: fc.constant<Act>((play) => play.resume()) },
  { weight: 1, arbitrary: fc.constant<Act>((play) => play.cancelOne()) },
  {
    weight: 1,
    arbitrary: schedule.map(
      (next): Act =>
        (play) =>
          play.change(next),
    ),
  },
);

describe('planning', () => {
  it('gives every nominal time exactly one row, whatever ticks, outages, pauses and changes come', async () => {
    await fc.assert(
      fc.asyncProperty(
        schedule,
        catchup,
        fc.array(act, { maxLength: 40 }),
        fc.boolean(),
        async (first, policy, acts, ends) => {
          const play = new Play(first, policy);
          for (const one of acts) {
            await one(play);
            const { missing, unexpected } = play.ledger();
            expect({ missing, unexpected }).toEqual({ missing: [], unexpected: [] });
          }
          if (ends) await play.cancel();
          else await play.resume();
          await play.catchUp();
          const ledger = play.ledger();
          expect(ledger.byOutcome).toMatchObject({ unplanned: 0, paused: 0 });
          expect(ledger.summary).toBe(`accounted for: ${ledger.expected} of ${ledger.expected}`);
          for (const [count, covered] of play.ranges()) expect(covered).toBe(count);
        },
      ),
      { numRuns: 300 },
    );
  }, 60_000);

  it('leaves a range of times its own when the times around it are passed by in a pause', async () => {
    const play = new Play(
      { intervalMs: 1_000, anchorAt: epoch.toISOString(), timezone: 'UTC' },
      { ...defaultCatchup, mode: 'latest' },
    );
    await play.tick();
    play.wait(91_000);
    await play.tick();
    play.pause();
    await play.resume();
    expect(play.rows.all.flatMap(({ count }) => count ?? []).sort()).toEqual([21, 60]);
    for (const [count, covered] of play.ranges()) expect(covered).toBe(count);
  });

  it('counts no time twice that a run stood for before the schedule was changed in a pause', async () => {
    const everySecond = { intervalMs: 1_000, anchorAt: epoch.toISOString(), timezone: 'UTC' };
    const play = new Play(everySecond, { ...defaultCatchup, mode: 'latest' });
    await play.tick();
    play.pause();
    play.cancelOne();
    await play.change(everySecond);
    play.wait(91_000);
    await play.cancel();
    expect(play.ranges()).toHaveLength(1);
    for (const [count, covered] of play.ranges()) expect(covered).toBe(count);
  });

  it('never plans more runs than maxRuns, though times that were missed do not count', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 10 }), fc.array(act, { maxLength: 30 }), async (maxRuns, acts) => {
        const play = new Play(
          { cron: ['*/10 * * * * *'], timezone: 'UTC', maxRuns },
          { ...defaultCatchup, mode: 'all' },
        );
        play.change = async () => undefined;
        for (const one of acts) await one(play);
        expect(play.rows.all.filter(({ final }) => !final).length).toBeLessThanOrEqual(maxRuns);
        expect(play.job.plannedCount).toBe(play.rows.all.filter(({ final }) => !final).length);
      }),
    );
  }, 60_000);

  it('counts a run that kept its row over a pause once', async () => {
    const play = new Play({ cron: ['*/10 * * * * *'], timezone: 'UTC', maxRuns: 10 }, defaultCatchup);
    await play.tick();
    play.cancelOne();
    play.pause();
    await play.resume();
    expect(play.rows.all).toHaveLength(6);
    expect(play.job.plannedCount).toBe(6);
  });
});
