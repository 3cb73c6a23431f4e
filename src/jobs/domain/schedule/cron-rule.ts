import { Cron } from 'croner';
import { BoundedCache } from './bounded-cache.js';
import type { CivilRule } from './civil-rule.js';
import type { CronExpression } from './cron-expression.js';
import { parseCronLine } from './cron-expression.js';
import type { CronField } from './cron-field.js';
import { DAY, HOUR, MINUTE, SECOND } from './time-units.js';

const MAX_CACHED_LINES = 20_000;
const MAX_REMEMBERED_DAYS = 16;

const rules = new BoundedCache<CivilRule>(MAX_CACHED_LINES);
const dayRules = new BoundedCache<DayRule>(MAX_CACHED_LINES);
const tables = new BoundedCache<number[]>(MAX_CACHED_LINES);

/** @throws RangeError when the line does not parse: stored lines have been parsed before. */
export function cronRule(line: string, seed: string): CivilRule {
  const key = /h/i.test(line) ? `${line}\n${seed}` : line;
  return rules.get(key, () => {
    const parse = parseCronLine(line, seed);
    if ('problems' in parse) throw new RangeError(`cron "${line}": ${parse.problems[0]?.detail}`);
    return ruleOf(parse.expression);
  });
}

function ruleOf(expression: CronExpression): CivilRule {
  const time = timeOfDayRule(expression);
  const day = dayRule(expression);
  return {
    fixedTime: expression.fixedTime,
    firstFrom: (civil) => {
      const today = Math.floor(civil / DAY);
      let firstDay = day.firstFrom(today);
      if (firstDay === today) {
        const timeOfDay = time(civil - today * DAY);
        if (timeOfDay !== Infinity) return today * DAY + timeOfDay;
        firstDay = day.firstFrom(today + 1);
      }
      return firstDay * DAY + time(0);
    },
  };
}

/** The first time of day (ms) at or after the one given, `Infinity` when the day holds no more. */
function timeOfDayRule({ hour, minute, second }: CronExpression): (timeOfDay: number) => number {
  const hours = firstFromTable(hour.values, 24);
  const minutes = firstFromTable(minute.values, 60);
  const seconds = firstFromTable(second.values, 60);
  return (timeOfDay) => {
    const asked = Math.ceil(timeOfDay / SECOND);
    const h = Math.floor(asked / 3600);
    const m = Math.floor(asked / 60) % 60;
    if (hours[h] === h) {
      if (minutes[m] === m) {
        const s = seconds[asked % 60]!;
        if (s !== Infinity) return h * HOUR + m * MINUTE + s * SECOND;
      }
      const nextMinute = minutes[m + 1]!;
      if (nextMinute !== Infinity) return h * HOUR + nextMinute * MINUTE + seconds[0]! * SECOND;
    }
    return (hours[h + 1] ?? Infinity) * HOUR + minutes[0]! * MINUTE + seconds[0]! * SECOND;
  };
}

/** `table[n]` is the first of the sorted values that is at least n. Shared, because most lines use few of them. */
function firstFromTable(values: number[], size: number): number[] {
  return tables.get(`${size}:${values.join(',')}`, () =>
    Array.from({ length: size + 1 }, (_, from) => values.find((value) => value >= from) ?? Infinity),
  );
}

interface DayRule {
  /** Days since 1970-01-01; `Infinity` when none ever comes. */
  firstFrom(day: number): number;
}

function dayRule({ dayOfMonth, month, dayOfWeek, bothDayFields }: CronExpression): DayRule {
  const days = [textOf(dayOfMonth), textOf(month), textOf(dayOfWeek)].join(' ');
  if (days === '* * *') return { firstFrom: (day) => day };
  return dayRules.get(`${days} ${bothDayFields}`, () => {
    const cron = new Cron(`0 0 0 ${days}`, { mode: '6-part', timezone: 'UTC', domAndDow: bothDayFields, paused: true });
    return remembered((day) => {
      const found = cron.nextRun(new Date(day * DAY - SECOND));
      return found ? found.getTime() / DAY : Infinity;
    });
  });
}

/** A search takes some 30 µs; jobs are mostly asked about the same few days. */
function remembered(search: (day: number) => number): DayRule {
  const answers = new Map<number, number>();
  // The answer for a day holds for all days up to the day found.
  let from = Infinity;
  let found = -Infinity;
  return {
    firstFrom(day) {
      if (from <= day && day <= found) return found;
      if (answers.size >= MAX_REMEMBERED_DAYS) answers.clear();
      found = answers.get(day) ?? search(day);
      from = day;
      answers.set(day, found);
      return found;
    },
  };
}

function textOf(field: CronField): string {
  if (field.text === '*' || field.text === '?') return '*';
  return [...field.values, ...field.special].join(',');
}
