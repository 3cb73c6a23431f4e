import type { CivilRule } from './civil-rule.js';
import type { ClockChange } from './clock-changes.js';
import { parseLocalDateTime } from './local-time.js';
import type { ScheduleLine } from './schedule-line.js';
import type { ScheduleWarning } from './schedule-warning.js';
import { ADOPTED_CLOCK_CHANGE_RULE } from './schedule.js';

/** A warning when a line names local times that a clock change leaves out or repeats; null when it names none. */
export function clockChangeWarning(line: ScheduleLine, change: ClockChange): ScheduleWarning | null {
  const { rule, pointer, text } = line;
  if (!rule || !isAffected(rule, change)) return null;
  const [date, before] = change.localBefore.split('T');
  const after = change.localAfter.split('T')[1];
  const [from, to] = change.kind === 'gap' ? [before, after] : [after, before];
  const happens = change.kind === 'gap' ? `${from} to ${to} does not exist` : `${from} to ${to} happens twice`;
  return {
    code: 'clock_change',
    pointer,
    detail: `${text}: on ${date} local time jumps from ${before} to ${after}, so ${happens}; ${consequence(line, rule, change)}`,
    suggestion:
      rule.fixedTime && !change.calendarCorrection
        ? `a time outside ${from}-${to}, or another dst.${change.kind}`
        : `times outside ${from}-${to} are not affected`,
  };
}

/** Lines that run before, in and after the range alike just go on in real time; nobody needs to hear of it. */
function isAffected(rule: CivilRule, { kind, localBefore, localAfter, sizeMs }: ClockChange): boolean {
  const start = parseLocalDateTime(kind === 'gap' ? localBefore : localAfter) ?? 0;
  const namesWithin = (from: number): boolean => rule.firstFrom(from) < from + sizeMs;
  if (!namesWithin(start)) return false;
  return rule.fixedTime || !namesWithin(start - sizeMs) || !namesWithin(start + sizeMs);
}

function consequence({ alone }: ScheduleLine, rule: CivilRule, change: ClockChange): string {
  const { gap, overlap } = alone.dst ?? ADOPTED_CLOCK_CHANGE_RULE;
  if (change.calendarCorrection || !rule.fixedTime) {
    return change.kind === 'gap' ? 'nothing is made up for the missing times' : 'it runs in both';
  }
  if (change.kind === 'overlap') return overlap === 'first' ? 'it runs in the first one only' : 'it runs in both';
  return gap === 'skip' ? 'it does not run for them' : 'it runs once, at the first instant after the gap';
}
