import { describe, expect, it } from '@jest/globals';
import { changedOverrides, effective, noOverrides, quotaNames } from './quotas.js';

const defaults = { liveJobs: 1, submissionsPerMinute: 2, payloadBytes: 3, mailsPerHour: 4, mailsPerDay: 5 };

describe('quotas', () => {
  it('are the defaults where nothing is set, and what is set elsewhere, no limit included', () => {
    expect(effective(defaults, noOverrides)).toEqual(defaults);
    expect(effective(defaults, { ...noOverrides, liveJobs: 0, mailsPerDay: 9 })).toEqual({
      ...defaults,
      liveJobs: 0,
      mailsPerDay: 9,
    });
  });

  it('go back to the default with null, and stay where a change does not name them', () => {
    const before = { ...noOverrides, liveJobs: 7, payloadBytes: 8 };
    expect(changedOverrides(before, { liveJobs: null })).toEqual({ ...before, liveJobs: null });
    expect(changedOverrides(before, {})).toEqual(before);
    expect(changedOverrides(before, { mailsPerHour: 0 })).toEqual({ ...before, mailsPerHour: 0 });
    expect(Object.keys(noOverrides).sort()).toEqual([...quotaNames].sort());
  });
});
