import { describeTime } from './describe-time.js';
import type { DescribedTime } from './describe-time.js';
import { formatCivil, formatOffset } from './local-time.js';
import { timesBetween } from './next-time.js';
import type { GapRule, OverlapRule, ResolvedSchedule } from './schedule.js';
import { ADOPTED_CLOCK_CHANGE_RULE, GAP_RULES, OVERLAP_RULES } from './schedule.js';
import { DAY } from './time-units.js';
import { LARGEST_CLOCK_CHANGE, zoneNamed } from './zone.js';

/** A zone without a change in so long a time has none planned. */
const HORIZON = 5 * 366 * DAY;
const MOST_TIMES = 10;

/** An instant at which a zone's clock jumps. */
export interface ClockChange {
  at: Date;
  /** `gap`: local times from `localBefore` to `localAfter` do not exist; `overlap`: the reverse range exists twice. */
  kind: 'gap' | 'overlap';
  sizeMs: number;
  /** What the clock would show at `at` had it not jumped, `YYYY-MM-DDTHH:mm:ss`. */
  localBefore: string;
  /** What it shows. */
  localAfter: string;
  offsetBefore: string;
  offsetAfter: string;
  /** Larger than three hours, a correction of the calendar: no rule applies, nothing is made up or suppressed. */
  calendarCorrection: boolean;
}

/** The next clock changes of a zone strictly after an instant, as far as five years ahead. */
export function nextClockChanges(timezone: string, after: Date, count: number): ClockChange[] {
  const zone = zoneNamed(timezone);
  const changes: ClockChange[] = [];
  const horizon = after.getTime() + HORIZON;
  let at = zone.segmentAt(after.getTime()).end;
  while (changes.length < count && at <= horizon) {
    const segment = zone.segmentAt(at);
    if (segment.start === at && segment.shift !== 0) {
      const offsetBefore = segment.offset - segment.shift;
      changes.push({
        at: new Date(at),
        kind: segment.shift > 0 ? 'gap' : 'overlap',
        sizeMs: Math.abs(segment.shift),
        localBefore: formatCivil(at + offsetBefore),
        localAfter: formatCivil(at + segment.offset),
        offsetBefore: formatOffset(offsetBefore),
        offsetAfter: formatOffset(segment.offset),
        calendarCorrection: Math.abs(segment.shift) > LARGEST_CLOCK_CHANGE,
      });
    }
    at = segment.end;
  }
  return changes;
}

/** What a schedule does around one clock change under one rule. */
export interface RuleOutcome {
  rule: GapRule | OverlapRule;
  /** Whether this is the rule that the schedule has. */
  applies: boolean;
  /** At most ten. */
  times: DescribedTime[];
}

/** A clock change and what a schedule does from one jump's length before it to one after it. */
export interface ClockChangeDryRun extends ClockChange {
  /** Whether it matters which rule the schedule has. */
  rulesDiffer: boolean;
  outcomes: RuleOutcome[];
}

export function dryRunClockChange(schedule: ResolvedSchedule, change: ClockChange, seed: string): ClockChangeDryRun {
  const dst = schedule.dst ?? ADOPTED_CLOCK_CHANGE_RULE;
  const from = new Date(change.at.getTime() - change.sizeMs - 1);
  const to = new Date(change.at.getTime() + change.sizeMs);
  const rules = change.kind === 'gap' ? GAP_RULES : OVERLAP_RULES;
  const outcomes = rules.map((rule): RuleOutcome => {
    const ruled = { ...schedule, dst: { ...dst, [change.kind]: rule } };
    const times = timesBetween(ruled, from, to, seed, MOST_TIMES).map((time) => describeTime(ruled, time, seed));
    return { rule, applies: dst[change.kind] === rule, times };
  });
  const [one, other] = outcomes.map(({ times }) => times.map(({ nominalAt }) => nominalAt.getTime()).join());
  return { ...change, rulesDiffer: one !== other, outcomes };
}
