import type { CivilRule } from './civil-rule.js';
import type { RecurrencePattern } from './schedule.js';
import { DAY, HOUR, WEEK } from './time-units.js';

const STEPS = { hourly: HOUR, daily: DAY, weekly: WEEK };

/** Steps by the calendar from the civil time of the anchor, forwards and backwards. */
export function patternRule(pattern: RecurrencePattern, anchor: number): CivilRule {
  if (pattern === 'monthly') return { fixedTime: true, firstFrom: (civil) => firstMonthly(anchor, civil) };
  const step = STEPS[pattern];
  return {
    fixedTime: pattern !== 'hourly',
    firstFrom: (civil) => anchor + Math.ceil((civil - anchor) / step) * step,
  };
}

/** From the 31st: the last day of shorter months, and the 31st again where there is one. */
function firstMonthly(anchor: number, civil: number): number {
  const dayOfMonth = new Date(anchor).getUTCDate();
  const timeOfDay = anchor - Math.floor(anchor / DAY) * DAY;
  const asked = new Date(civil);
  const inMonth = (month: number): number => {
    const lastDay = new Date(Date.UTC(asked.getUTCFullYear(), month + 1, 0)).getUTCDate();
    return Date.UTC(asked.getUTCFullYear(), month, Math.min(dayOfMonth, lastDay)) + timeOfDay;
  };
  const thisMonth = inMonth(asked.getUTCMonth());
  return thisMonth >= civil ? thisMonth : inMonth(asked.getUTCMonth() + 1);
}
