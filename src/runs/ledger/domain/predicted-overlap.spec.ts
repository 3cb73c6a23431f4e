import { describe, expect, it } from '@jest/globals';
import { previewSchedule } from '../../../schedules/domain/index.js';
import type { OverlapPolicy } from '../../../jobs/domain/policies.js';
import { predictOverlap } from './predicted-overlap.js';

const { nextRuns } = previewSchedule(
  { cron: ['* * * * *'], timezone: 'UTC' },
  new Date('2030-01-01T00:00:30Z'),
  4,
  'job',
);
const predicted = (policy: OverlapPolicy, usualMs: number | null) =>
  predictOverlap(nextRuns, policy, usualMs).map(({ predictedOverlap }) => predictedOverlap);

describe('predicted overlap', () => {
  it('is none where nothing is known, or runs are short', () => {
    expect(predicted('skip', null)).toEqual([false, false, false, false]);
    expect(predicted('skip', 60_000)).toEqual([false, false, false, false]);
  });

  it.each<[OverlapPolicy, boolean[]]>([
    ['skip', [false, true, false, true]],
    ['buffer_one', [false, true, true, true]],
    ['buffer_all', [false, true, true, true]],
    ['cancel_other', [false, true, true, true]],
    ['allow_all', [false, true, true, true]],
  ])('plays runs of 90 s every minute through under %s', (policy, expected) => {
    expect(predicted(policy, 90_000)).toEqual(expected);
  });

  it('says what would come of it', () => {
    const [, second] = predictOverlap(nextRuns, 'skip', 90_000);
    expect(second?.reason).toBe(
      'cron "* * * * *"; predicted overlap: a run usually takes 90 s, so it would be skipped',
    );
  });
});
