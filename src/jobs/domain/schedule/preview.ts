import { dryRunClockChange, nextClockChanges } from './clock-changes.js';
import type { ClockChangeDryRun } from './clock-changes.js';
import { describeTime } from './describe-time.js';
import type { DescribedTime } from './describe-time.js';
import { dueAt } from './jitter.js';
import { formatLocalTime } from './local-time.js';
import { countBetween, nextTime } from './next-time.js';
import type { ScheduleWarning } from './schedule-warning.js';
import type { RecurringSchedule } from './schedule.js';
import { warnings } from './warnings.js';
import { zoneNamed } from './zone.js';

export interface PreviewedTime extends DescribedTime {
  dueAt: Date;
  dueLocalTime: string;
}

export interface SchedulePreview {
  timezone: string;
  nextRuns: PreviewedTime[];
  /** The zone's next two clock changes as a dry run. */
  clockChanges: ClockChangeDryRun[];
  warnings: ScheduleWarning[];
}

/** How many more runs there may be, for a schedule with `maxRuns` of which some have been planned. */
export interface RemainingRuns {
  count: number;
  /** Times before it have been counted already. */
  from: Date;
  /** No nominal time after it. */
  until: Date | null;
}

/**
 * What a schedule will do strictly after `from`: at most `count` nominal times, fewer where `maxRuns` or its end come
 * first. Suppressed times are shown and do not count as runs.
 */
export function previewSchedule(
  schedule: RecurringSchedule,
  from: Date,
  count: number,
  seed: string,
  remaining: RemainingRuns = { count: schedule.maxRuns ?? Infinity, from, until: null },
): SchedulePreview {
  const clockChanges = nextClockChanges(schedule.timezone, from, 2).map((change) =>
    dryRunClockChange(schedule, change, seed),
  );
  return {
    timezone: schedule.timezone,
    nextRuns: nextRuns(schedule, from, count, seed, remaining),
    clockChanges,
    warnings: warnings(schedule, from, seed),
  };
}

function nextRuns(
  schedule: RecurringSchedule,
  from: Date,
  count: number,
  seed: string,
  remaining: RemainingRuns,
): PreviewedTime[] {
  const zone = zoneNamed(schedule.timezone);
  const runs: PreviewedTime[] = [];
  let left = remaining.count;
  if (left < Infinity && remaining.from < from)
    left -= countBetween(schedule, new Date(remaining.from.getTime() - 1), from, seed, left);
  let nominalAt = nextTime(schedule, from, seed);
  while (nominalAt && runs.length < count && !(remaining.until && nominalAt > remaining.until)) {
    const described = describeTime(schedule, nominalAt, seed);
    if (!described.suppressed && nominalAt >= remaining.from && left-- <= 0) break;
    const following = nextTime(schedule, nominalAt, seed);
    const due = dueAt(schedule, nominalAt, following, seed);
    runs.push({ ...described, dueAt: due, dueLocalTime: formatLocalTime(due.getTime(), zone) });
    nominalAt = following;
  }
  return runs;
}

/** A time that no schedule names, such as that of a one-time job, as a preview shows it. */
export function describeInstant(at: Date, timezone: string, reason: string): PreviewedTime {
  const localTime = formatLocalTime(at.getTime(), zoneNamed(timezone));
  return { nominalAt: at, dueAt: at, localTime, dueLocalTime: localTime, namedBy: [], suppressed: null, reason };
}
