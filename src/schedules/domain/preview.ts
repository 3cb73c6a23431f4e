import { dryRunClockChange, nextClockChanges } from './clock-changes.js';
import type { ClockChangeDryRun } from './clock-changes.js';
import { describeTime } from './describe-time.js';
import type { DescribedTime } from './describe-time.js';
import { dueAt } from './jitter.js';
import { formatLocalTime } from './local-time.js';
import { timesBetween } from './next-time.js';
import { MOST_COUNTED, runsLeftAt } from './remaining-runs.js';
import type { RemainingRuns } from './remaining-runs.js';
import { linesOf } from './schedule-line.js';
import type { ScheduleWarning } from './schedule-warning.js';
import type { ResolvedSchedule } from './schedule.js';
import { warnings } from './warnings.js';
import { zoneNamed } from './zone.js';

/** The last instant that a Date holds. Source: ECMAScript, time values and time range. */
const endOfTime = new Date(8.64e15);

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

/**
 * What a schedule will do strictly after `from`: at most `count` nominal times, fewer where `maxRuns` or its end come
 * first. Suppressed times are shown and do not count as runs.
 *
 * @param given default: all that `maxRuns` allows are left
 */
export function previewSchedule(
  schedule: ResolvedSchedule,
  from: Date,
  count: number,
  seed: string,
  given?: RemainingRuns,
): SchedulePreview {
  const first = new Date(from.getTime() + 1);
  const remaining = given ?? { count: schedule.maxRuns ?? Infinity, from: first, until: null };
  const left = runsLeftAt(schedule, remaining, first, seed);
  const clockChanges = nextClockChanges(schedule.timezone, from, 2).map((change) =>
    dryRunClockChange(schedule, change, seed),
  );
  return {
    timezone: schedule.timezone,
    nextRuns: left === null ? [] : nextRuns(schedule, from, count, seed, { ...remaining, count: left }),
    clockChanges,
    warnings: [...(left === null ? [notCounted(remaining.count)] : []), ...warnings(schedule, from, seed)],
  };
}

function notCounted(left: number): ScheduleWarning {
  return {
    code: 'max_runs_not_counted',
    pointer: '/maxRuns',
    detail: `maxRuns allows ${left} more runs, and more than ${MOST_COUNTED} times lie before these: whether any run is left for them is not counted, so none is shown`,
    suggestion: 'ask for an earlier time',
  };
}

function nextRuns(
  schedule: ResolvedSchedule,
  from: Date,
  count: number,
  seed: string,
  remaining: RemainingRuns,
): PreviewedTime[] {
  const zone = zoneNamed(schedule.timezone);
  const lines = linesOf(schedule, seed);
  const runs: PreviewedTime[] = [];
  let left = remaining.count;
  const times = timesBetween(schedule, from, endOfTime, seed, count + 1);
  for (const [index, nominalAt] of times.slice(0, count).entries()) {
    if (remaining.until && nominalAt > remaining.until) break;
    const described = describeTime(schedule, nominalAt, seed, lines);
    if (!described.suppressed && nominalAt >= remaining.from && left-- <= 0) break;
    const due = dueAt(schedule, nominalAt, times[index + 1] ?? null, seed);
    runs.push({ ...described, dueAt: due, dueLocalTime: formatLocalTime(due.getTime(), zone) });
  }
  return runs;
}

/** A time that no schedule names, such as that of a one-time job, as a preview shows it. */
export function describeInstant(at: Date, timezone: string, reason: string): PreviewedTime {
  const localTime = formatLocalTime(at.getTime(), zoneNamed(timezone));
  return { nominalAt: at, dueAt: at, localTime, dueLocalTime: localTime, namedBy: [], suppressed: null, reason };
}
