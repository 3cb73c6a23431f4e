import { makesUp } from './civil-to-instant.js';
import type { CivilRule } from './civil-rule.js';
import { formatCivil, formatLocalTime } from './local-time.js';
import { isNamedBy } from './next-time.js';
import { linesOf } from './schedule-line.js';
import type { ScheduleLine } from './schedule-line.js';
import { ADOPTED_CLOCK_CHANGE_RULE } from './schedule.js';
import type { ResolvedSchedule } from './schedule.js';
import { suppressedBy } from './suppression.js';
import type { Suppression } from './suppression.js';
import { LARGEST_CLOCK_CHANGE, zoneNamed } from './zone.js';
import type { Zone, ZoneSegment } from './zone.js';

const MOST_MISSING_TIMES = 5;

/**
 * How a clock change bears on a nominal time. `made_up`: it stands for named local times that do not exist.
 * `first_copy`, `second_copy`: its local time exists twice.
 */
export type ClockChangeEffect = 'made_up' | 'first_copy' | 'second_copy';

/** One line of the schedule that names the time. */
export interface TimeOrigin {
  /** JSON pointer into the schedule, such as `/cron/0`. */
  pointer: string;
  text: string;
  effect: ClockChangeEffect | null;
  /** The named local times that do not exist, `YYYY-MM-DDTHH:mm:ss`, at most five; empty unless `made_up`. */
  missingLocalTimes: string[];
}

/** A nominal time with everything that explains it. */
export interface DescribedTime {
  nominalAt: Date;
  /** In the schedule's zone, with the offset in force: `2025-03-09T03:00:00-04:00`. */
  localTime: string;
  /** Empty when the schedule does not name this time. */
  namedBy: TimeOrigin[];
  suppressed: Suppression | null;
  /** All of it in one sentence. */
  reason: string;
}

/** @param lines those of the schedule, for whoever describes many times of it */
export function describeTime(
  schedule: ResolvedSchedule,
  nominalAt: Date,
  seed: string,
  lines: readonly ScheduleLine[] = linesOf(schedule, seed),
): DescribedTime {
  const zone = zoneNamed(schedule.timezone);
  const instant = nominalAt.getTime();
  const namedBy = lines.filter((line) => isNamedBy(line, instant, seed)).map((line) => originOf(line, instant, zone));
  const suppressed = suppressedBy(schedule, nominalAt);
  const parts = namedBy.map(sentence);
  if (parts.length === 0) parts.push('not a nominal time of this schedule');
  if (suppressed) parts.push(`skipped: ${suppressed.reason}`);
  return { nominalAt, localTime: formatLocalTime(instant, zone), namedBy, suppressed, reason: parts.join('; ') };
}

function originOf({ pointer, text, rule, alone }: ScheduleLine, instant: number, zone: Zone): TimeOrigin {
  const segment = zone.segmentAt(instant);
  if (!rule) return { pointer, text, effect: null, missingLocalTimes: [] };
  if (instant === segment.start && makesUp(rule, segment, alone.dst ?? ADOPTED_CLOCK_CHANGE_RULE)) {
    return { pointer, text, effect: 'made_up', missingLocalTimes: missingTimes(rule, segment) };
  }
  return { pointer, text, effect: copyOf(instant + segment.offset, segment, zone), missingLocalTimes: [] };
}

function missingTimes(rule: CivilRule, segment: ZoneSegment): string[] {
  const missing: string[] = [];
  const gapEnd = segment.start + segment.offset;
  let civil = rule.firstFrom(gapEnd - segment.shift);
  while (civil < gapEnd && missing.length < MOST_MISSING_TIMES) {
    missing.push(formatCivil(civil));
    civil = rule.firstFrom(civil + 1);
  }
  return missing;
}

function copyOf(civil: number, segment: ZoneSegment, zone: Zone): ClockChangeEffect | null {
  const repeats = ({ shift }: ZoneSegment): boolean => shift < 0 && shift >= -LARGEST_CLOCK_CHANGE;
  if (repeats(segment) && civil < segment.start + segment.offset - segment.shift) return 'second_copy';
  const later = zone.segmentAt(civil - segment.offset + LARGEST_CLOCK_CHANGE);
  return later.start > segment.start && repeats(later) && civil >= later.start + later.offset ? 'first_copy' : null;
}

function sentence({ text, effect, missingLocalTimes }: TimeOrigin): string {
  if (effect === 'made_up') {
    return `${text}: ${missingLocalTimes.join(', ')} does not exist, moved to the first instant after the gap`;
  }
  if (effect === 'first_copy') return `${text}: first of two times that the clock shows this`;
  if (effect === 'second_copy') return `${text}: second of two times that the clock shows this`;
  return text;
}
