import { describe, expect, it } from '@jest/globals';
import { defaultCatchup } from '../../../jobs/domain/policies.js';
import { suppressedBy } from '../../../schedules/domain/index.js';
import { Play, epoch } from '../../../../test/support/planner-play.js';

describe('planning around what does not run', () => {
  it('starts nothing on a blackout day', async () => {
    const blackout = { cron: ['*/5 * * * *'], timezone: 'Europe/Berlin', excludeDates: ['2030-03-31'] };
    const play = new Play(blackout, defaultCatchup);
    for (let step = 0; step < 200; step++) {
      play.wait(60_000);
      await play.tick();
      play.work();
    }
    const ran = play.rows.all.filter(({ state }) => state === 'succeeded');
    expect(ran.length).toBeGreaterThan(0);
    expect(ran.filter(({ nominalAt }) => suppressedBy(blackout, nominalAt))).toEqual([]);
  });

  it('makes a long pause end as skipped: paused, all of it, in few rows', async () => {
    const play = new Play({ intervalMs: 1_000, anchorAt: epoch.toISOString(), timezone: 'UTC' }, defaultCatchup);
    await play.tick();
    play.pause();
    play.wait(7_200_000);
    await play.resume();
    const passed = play.rows.all.filter(({ nominalAt }) => nominalAt <= play.now);
    const skipped = passed.filter(({ final }) => final?.reason === 'paused');
    expect(skipped.reduce((sum, { count }) => sum + (count ?? 1), 0)).toBe(7_199);
    expect(passed.filter(({ state }) => state === 'scheduled')).toHaveLength(1);
    expect(skipped.length).toBeLessThan(30);
  });
});
