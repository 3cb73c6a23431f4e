import { parseCronLine } from './cron-expression.js';
import type { CronExpression } from './cron-expression.js';
import { isWhole } from './day-rule.js';
import type { ScheduleWarning } from './schedule-warning.js';

type Hint = Omit<ScheduleWarning, 'pointer'>;

/** How a cron line may read otherwise than it was meant; nothing for a line that does not parse. */
export function cronLineWarnings(line: string, pointer: string, seed: string): ScheduleWarning[] {
  const parse = parseCronLine(line, seed);
  if ('problems' in parse) return [];
  const { expression } = parse;
  return [...dayHints(expression), ...unevenSteps(expression), ...everyMinute(expression)].map((hint) => ({
    ...hint,
    pointer,
  }));
}

function dayHints({ dayOfMonth, dayOfWeek, bothDayFields }: CronExpression): Hint[] {
  const hints: Hint[] = [];
  const [first] = dayOfMonth.values;
  if (!dayOfMonth.wild && dayOfMonth.special.length === 0 && first !== undefined && first > 28) {
    const detail = `day of month ${dayOfMonth.text}: months without such a day are left out`;
    hints.push({ code: 'short_months_skipped', detail, suggestion: 'L is the last day of each month' });
  }
  if (isWhole(dayOfMonth) || isWhole(dayOfWeek)) return hints;
  const fields = `day of month ${dayOfMonth.text} and day of week ${dayOfWeek.text}`;
  if (bothDayFields) {
    const detail = `${fields} must both hold, because one of them begins with *`;
    hints.push({ code: 'both_day_fields', detail, suggestion: 'write * for the one that is not meant' });
  } else {
    const detail = `either of ${fields} suffices, as in every cron`;
    hints.push({ code: 'either_day_field', detail, suggestion: 'two lines say the same more plainly' });
  }
  return hints;
}

function unevenSteps({ second, minute, hour }: CronExpression): Hint[] {
  const cycles = [
    { field: second, unit: 'second', cycle: 'minute', size: 60, letter: 'S' },
    { field: minute, unit: 'minute', cycle: 'hour', size: 60, letter: 'M' },
    { field: hour, unit: 'hour', cycle: 'day', size: 24, letter: 'H' },
  ];
  return cycles.flatMap(({ field, unit, cycle, size, letter }): Hint[] => {
    const step = Number(/^(?:\*|\d+|H)\/(\d+)$/i.exec(field.text)?.[1] ?? 1);
    if (size % step === 0) return [];
    const detail = `${unit} ${field.text} begins anew each ${cycle}, so the last step is shorter`;
    return [{ code: 'uneven_step', detail, suggestion: `every "PT${step}${letter}" keeps the distance` }];
  });
}

function everyMinute({ second, minute, hour }: CronExpression): Hint[] {
  if (minute.text !== '*' || hour.text === '*' || second.values.length > 1) return [];
  const detail = `minute * runs in every minute of hour ${hour.text}`;
  return [{ code: 'every_minute', detail, suggestion: 'write 0 for the minute to run once in the hour' }];
}
