import { BoundedCache } from './bounded-cache.js';
import type { CivilRule } from './civil-rule.js';
import type { CronExpression } from './cron-expression.js';
import { parseCronLine } from './cron-expression.js';
import type { CronField } from './cron-field.js';
import { dayRule, isWhole } from './day-rule.js';
import type { DayRule } from './day-rule.js';
import { DAY, HOUR, MINUTE, SECOND } from './time-units.js';

const MAX_CACHED_LINES = 20_000;

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
  const day = sharedDayRule(expression);
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

function sharedDayRule(expression: CronExpression): DayRule {
  const { dayOfMonth, month, dayOfWeek, bothDayFields } = expression;
  const days = [dayOfMonth, month, dayOfWeek].map(textOf).join(' ');
  if (days === '* * *') return { firstFrom: (day) => day };
  return dayRules.get(`${days} ${bothDayFields}`, () => dayRule(expression));
}

const textOf = (field: CronField): string => (isWhole(field) ? '*' : [...field.values, ...field.special].join());
