import { parseCronLine } from './cron-expression.js';
import type { CronExpression } from './cron-expression.js';
import type { CronField } from './cron-field.js';
import { isWhole } from './day-rule.js';
import type { ScheduleWarning } from './schedule-warning.js';

type Hint = Omit<ScheduleWarning, 'pointer'>;

/** How a cron line may read otherwise than it was meant; nothing for a line that does not parse. */
export function cronLineWarnings(line: string, pointer: string, seed: string): ScheduleWarning[] {
  const parse = parseCronLine(line, seed);
  if ('problems' in parse) return [];
  const { expression } = parse;
  return [
    ...dayHints(expression),
    ...unevenSteps(expression),
    ...stepsBeyond(expression),
    ...everyMinute(expression),
  ].map((hint) => ({
    ...hint,
    pointer,
  }));
}

function dayHints({ dayOfMonth, dayOfWeek, bothDayFields }: CronExpression): Hint[] {
  const hints: Hint[] = [];
  const missing = daysSomeMonthsLack(dayOfMonth, dayOfWeek);
  if (missing) {
    const detail = `${missing}: months without such a day are left out`;
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

/** The fields that name a day which not every month has, such as `31`, `31W` and `1#5`. A range names what there is. */
function daysSomeMonthsLack(dayOfMonth: CronField, dayOfWeek: CronField): string | null {
  const isLate = (item: string): boolean => Number(/^(\d+)W?$/i.exec(item)?.[1] ?? 0) > 28;
  if (dayOfMonth.text.split(',').some(isLate)) return `day of month ${dayOfMonth.text}`;
  return dayOfWeek.special.some((day) => day.endsWith('#5')) ? `day of week ${dayOfWeek.text}` : null;
}

function unevenSteps({ second, minute, hour, dayOfMonth, month, dayOfWeek }: CronExpression): Hint[] {
  const cycles = [
    { field: second, unit: 'second', cycle: 'minute', size: 60, duration: (step: number) => `PT${step}S` },
    { field: minute, unit: 'minute', cycle: 'hour', size: 60, duration: (step: number) => `PT${step}M` },
    { field: hour, unit: 'hour', cycle: 'day', size: 24, duration: (step: number) => `PT${step}H` },
    { field: dayOfMonth, unit: 'day of month', cycle: 'month', size: 0, duration: (step: number) => `P${step}D` },
    { field: month, unit: 'month', cycle: 'year', size: 12, duration: null },
    { field: dayOfWeek, unit: 'day of week', cycle: 'week', size: 7, duration: (step: number) => `P${step}D` },
  ];
  return cycles.flatMap(({ field, unit, cycle, size, duration }): Hint[] => {
    const step = Number(/^(?:\*|\d+|H)\/(\d+)$/i.exec(field.text)?.[1] ?? 1);
    // Months differ in length, so no step but 1 goes into all of them.
    if (step === 1 || (size > 0 && size % step === 0)) return [];
    const detail = `${unit} ${field.text} begins anew each ${cycle}, so the last step is shorter`;
    const suggestion = duration ? `every "${duration(step)}" keeps the distance` : `name the ${unit}s that are meant`;
    return [{ code: 'uneven_step', detail, suggestion }];
  });
}

/** A step that leads out of its range at once leaves the range's first value alone. */
function stepsBeyond(expression: CronExpression): Hint[] {
  const { second, minute, hour, dayOfMonth, month, dayOfWeek } = expression;
  return [second, minute, hour, dayOfMonth, month, dayOfWeek].flatMap(({ text }): Hint[] =>
    text.split(',').flatMap((item): Hint[] => {
      const [, from, to, step] = /^(\d+)-(\d+)\/(\d+)$/.exec(item) ?? [];
      if (from === undefined || from === to || Number(step) <= Number(to) - Number(from)) return [];
      const detail = `the step of ${item} is longer than its range, so ${from} is all that is left of it`;
      return [{ code: 'step_beyond_range', detail, suggestion: `write ${from}, or a shorter step` }];
    }),
  );
}

function everyMinute({ second, minute, hour }: CronExpression): Hint[] {
  if (minute.text !== '*' || hour.text === '*' || second.values.length > 1) return [];
  const detail = `minute * runs in every minute of hour ${hour.text}`;
  return [{ code: 'every_minute', detail, suggestion: 'write 0 for the minute to run once in the hour' }];
}
