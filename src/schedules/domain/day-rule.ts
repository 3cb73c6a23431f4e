import type { CronExpression } from './cron-expression.js';
import type { CronField } from './cron-field.js';
import { DAY } from './time-units.js';

/** Which days a cron line names. Days are counted from 1970-01-01. */
export interface DayRule {
  /** The first named day at or after the one given; `Infinity` when none ever comes. */
  firstFrom(day: number): number;
}

/**
 * Every combination of date and weekday that exists comes back within 40 years (29 February on a Monday, across 2100). What has
 * not come within these months never comes.
 */
const MOST_MONTHS = 41 * 12;

type DayFields = Pick<CronExpression, 'dayOfMonth' | 'month' | 'dayOfWeek' | 'bothDayFields'>;

/** Looks at each month once, however many lines share the rule: a month is one of 28, by its length and its first weekday. */
export function dayRule(fields: DayFields): DayRule {
  const months = new Set(isWhole(fields.month) ? allMonths : fields.month.values);
  const named = new Map<number, number>();
  const namedIn = (length: number, firstWeekday: number): number => {
    const key = length * 7 + firstWeekday;
    const known = named.get(key) ?? namedDates(fields, length, firstWeekday);
    named.set(key, known);
    return known;
  };
  const search = (day: number): number => {
    const asked = new Date(day * DAY);
    let [year, month, date] = [asked.getUTCFullYear(), asked.getUTCMonth(), asked.getUTCDate()];
    let first = day - date + 1;
    for (let step = 0; step <= MOST_MONTHS; step++) {
      const length = lengthOf(year, month);
      const left = months.has(month + 1) ? namedIn(length, weekdayOf(first)) >>> date : 0;
      if (left !== 0) return first + date - 1 + lowestBit(left);
      first += length;
      date = 1;
      month += 1;
      if (month === 12) [year, month] = [year + 1, 0];
    }
    return Infinity;
  };
  // Jobs are mostly asked about the same few days. The answer for a day holds for all days up to the day found.
  let latest = { from: Infinity, found: -Infinity };
  let before = latest;
  return {
    firstFrom(day) {
      if (day >= latest.from && day <= latest.found) return latest.found;
      [latest, before] = [before, latest];
      if (day < latest.from || day > latest.found) latest = { from: day, found: search(day) };
      return latest.found;
    },
  };
}

/** Bit n is set where the nth of such a month is named. Either day field suffices, or both must hold. Source: Vixie cron. */
function namedDates({ dayOfMonth, dayOfWeek, bothDayFields }: DayFields, length: number, firstWeekday: number): number {
  const month = { length, weekdayOf: (date: number): number => (firstWeekday + date - 1) % 7 };
  const dates = dates1To(length);
  const byDate = isWhole(dayOfMonth) ? dates : datesOf(dayOfMonth, month);
  const byWeekday = isWhole(dayOfWeek) ? dates : datesOfWeekdays(dayOfWeek, month);
  const holds = (date: number): boolean =>
    bothDayFields
      ? byDate.includes(date) && byWeekday.includes(date)
      : byDate.includes(date) || byWeekday.includes(date);
  return dates.filter(holds).reduce((bits, date) => bits | (1 << date), 0);
}

interface Month {
  length: number;
  /** 0 is Sunday. */
  weekdayOf: (date: number) => number;
}

function datesOf({ values, special }: CronField, month: Month): number[] {
  return [...values, ...special.map((token) => specialDate(token, month))].filter((date) => date <= month.length);
}

/** `L`: the last day; `LW`: the last working day; `15W`: the working day nearest to the 15th in the month. Source: Quartz. */
function specialDate(token: string, month: Month): number {
  if (token === 'L') return month.length;
  const wanted = token === 'LW' ? month.length : Number.parseInt(token);
  if (wanted > month.length) return Infinity;
  const nearest = [wanted, wanted - 1, wanted + 1, wanted - 2, wanted + 2];
  const isWorkday = (date: number): boolean => date >= 1 && date <= month.length && month.weekdayOf(date) % 6 !== 0;
  return nearest.find(isWorkday) ?? Infinity;
}

/** `5L`: the last Friday; `5#2`: the second. */
function datesOfWeekdays({ values, special }: CronField, { length, weekdayOf }: Month): number[] {
  const weekdays = new Set(values);
  return dates1To(length).filter((date) => {
    const weekday = weekdayOf(date);
    const nth = `${weekday}#${Math.ceil(date / 7)}`;
    return weekdays.has(weekday) || special.includes(nth) || (date + 7 > length && special.includes(`${weekday}L`));
  });
}

const allMonths = Array.from({ length: 12 }, (_, index) => index + 1);
const dates1To = (length: number): number[] => Array.from({ length }, (_, index) => index + 1);
export const isWhole = (field: CronField): boolean => field.text === '*' || field.text === '?';

const lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
function lengthOf(year: number, month: number): number {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 1 && isLeap ? 29 : lengths[month]!;
}

/** 1970-01-01 was a Thursday. */
const weekdayOf = (day: number): number => (((day + 4) % 7) + 7) % 7;
const lowestBit = (bits: number): number => 31 - Math.clz32(bits & -bits);
