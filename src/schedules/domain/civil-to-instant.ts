import type { CivilRule } from './civil-rule.js';
import type { ClockChangeRule } from './schedule.js';
import { HOUR } from './time-units.js';
import { LARGEST_CLOCK_CHANGE } from './zone.js';
import type { Zone, ZoneSegment } from './zone.js';

const LARGEST_JUMP = 26 * HOUR;

/**
 * The first instant in `(after, until]` that a rule names in a zone, in ms; null when there is none. The zone is walked
 * segment by segment, because local time only goes straight inside one: after a clock change back, earlier local times
 * come again.
 */
export function firstInstantAfter(
  rule: CivilRule,
  zone: Zone,
  after: number,
  until: number,
  dst: ClockChangeRule,
): number | null {
  let instant = after + 1;
  while (instant <= until) {
    const segment = zone.segmentAt(instant);
    if (instant === segment.start && makesUp(rule, segment, dst)) return instant;
    const found = rule.firstFrom(firstCivilToServe(rule, segment, instant, dst)) - segment.offset;
    if (found < segment.end) return found <= until ? found : null;
    instant = afterSilence(instant, segment.end, found);
  }
  return null;
}

/**
 * Where to look on when nothing is named between `instant` and `found` as the clock stands: at the next segment, or, since no
 * clock is ever put by more than a day, right before `found`. So a rare line costs no walk through decades of clock changes.
 */
function afterSilence(instant: number, segmentEnd: number, found: number): number {
  return segmentEnd - instant < LARGEST_JUMP ? segmentEnd : Math.max(segmentEnd, found - LARGEST_JUMP);
}

/** Whether the gap before the segment swallowed a named time: all of them become one at the segment's start. */
export function makesUp(rule: CivilRule, segment: ZoneSegment, dst: ClockChangeRule): boolean {
  if (!rule.fixedTime || dst.gap !== 'next_valid') return false;
  if (segment.shift <= 0 || segment.shift > LARGEST_CLOCK_CHANGE) return false;
  const gapEnd = segment.start + segment.offset;
  return rule.firstFrom(gapEnd - segment.shift) < gapEnd;
}

function firstCivilToServe(rule: CivilRule, segment: ZoneSegment, instant: number, dst: ClockChangeRule): number {
  const civil = instant + segment.offset;
  if (!rule.fixedTime || dst.overlap !== 'first') return civil;
  if (segment.shift >= 0 || segment.shift < -LARGEST_CLOCK_CHANGE) return civil;
  const overlapEnd = segment.start + segment.offset - segment.shift;
  return Math.max(civil, overlapEnd);
}
