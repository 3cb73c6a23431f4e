import type { CivilRule } from './civil-rule.js';
import { cronRule } from './cron-rule.js';
import { patternRule } from './pattern-rule.js';
import type { RecurringSchedule } from './schedule.js';
import { zoneNamed } from './zone.js';

/** One of the things in a schedule that name times, with the name that explanations give it. */
export interface ScheduleLine {
  /** JSON pointer into the schedule, such as `/cron/0`. */
  pointer: string;
  text: string;
  /** The schedule as if it had this line alone. */
  alone: RecurringSchedule;
  /** Null for elapsed time. */
  rule: CivilRule | null;
}

export function linesOf(schedule: RecurringSchedule, seed: string): ScheduleLine[] {
  if ('cron' in schedule) {
    return schedule.cron.map((line, index) => ({
      pointer: `/cron/${index}`,
      text: `cron "${line}"`,
      alone: { ...schedule, cron: [line] },
      rule: cronRule(line, seed),
    }));
  }
  const { anchorAt } = schedule;
  if ('intervalMs' in schedule) {
    const text = `every ${schedule.intervalMs} ms from ${anchorAt}`;
    return [{ pointer: '/intervalMs', text, alone: schedule, rule: null }];
  }
  const { recurrencePattern } = schedule;
  const rule = patternRule(recurrencePattern, civilAnchor(schedule));
  return [{ pointer: '/recurrencePattern', text: `${recurrencePattern} from ${anchorAt}`, alone: schedule, rule }];
}

/** The anchor as local time, in civil ms. */
export function civilAnchor({ anchorAt, timezone }: { anchorAt: string; timezone: string }): number {
  const anchor = Date.parse(anchorAt);
  return anchor + zoneNamed(timezone).offsetAt(anchor);
}
