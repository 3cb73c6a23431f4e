import { CRON_FIELDS, CronFieldError, parseCronField } from './cron-field.js';
import type { CronField, CronProblem, HashSeed } from './cron-field.js';
import { isKnownZone } from './zone.js';

const LONGEST_LINE = 256;

const MACROS = new Map([
  ['@hourly', '0 * * * *'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@weekly', '0 0 * * 0'],
  ['@monthly', '0 0 1 * *'],
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
]);

const SECOND_ZERO: CronField = { text: '0', column: 1, wild: false, values: [0], special: [] };

/** A cron line taken apart, every list, range, step and `H` expanded. */
export interface CronExpression {
  second: CronField;
  minute: CronField;
  hour: CronField;
  dayOfMonth: CronField;
  month: CronField;
  dayOfWeek: CronField;
  /** Neither second, minute nor hour begins with `*`. Source: Vixie cron 4.1. */
  fixedTime: boolean;
  /** Both day fields must agree; otherwise either suffices. Source: DOM_STAR and DOW_STAR of Vixie cron. */
  bothDayFields: boolean;
}

export type CronParse = { expression: CronExpression } | { problems: CronProblem[] };

/**
 * Five fields, or six with seconds first, or a macro. Stricter than any library: no year, no `@reboot`, no `@every`, no
 * inline zone, no ranges that wrap around, nothing but printable ASCII.
 */
export function parseCronLine(line: string, seed?: HashSeed): CronParse {
  const refusal = refuseLine(line);
  if (refusal) return { problems: [refusal] };
  const expanded = MACROS.get(line.trim().toLowerCase()) ?? line;
  const fields = [...expanded.matchAll(/[^ \t]+/g)].map((match) => ({ text: match[0], column: match.index + 1 }));
  const last = fields.at(-1);
  const endsInZone = (): boolean => last !== undefined && isKnownZone(last.text);
  if (fields.length !== 5 && fields.length !== 6) {
    return { problems: [last && endsInZone() ? zoneInLine(last.column) : wrongFieldCount(line, fields.length)] };
  }

  const problems: CronProblem[] = [];
  const names = ['second', 'minute', 'hour', 'dayOfMonth', 'month', 'dayOfWeek'] as const;
  const parsed: Record<string, CronField> = { second: SECOND_ZERO };
  names.slice(6 - fields.length).forEach((name, index) => {
    const { text, column } = fields[index]!;
    try {
      parsed[name] = parseCronField(text, column, CRON_FIELDS[name], seed);
    } catch (error) {
      if (!(error instanceof CronFieldError)) throw error;
      problems.push(error.problem);
    }
  });
  if (problems.length > 0) return { problems: last && endsInZone() ? [zoneInLine(last.column)] : problems };

  const { second, minute, hour, dayOfMonth, month, dayOfWeek } = parsed as Record<(typeof names)[number], CronField>;
  const fixedTime = !second.wild && !minute.wild && !hour.wild;
  const bothDayFields = dayOfMonth.wild || dayOfWeek.wild;
  return { expression: { second, minute, hour, dayOfMonth, month, dayOfWeek, fixedTime, bothDayFields } };
}

function refuseLine(line: string): CronProblem | null {
  if (line.length > LONGEST_LINE) {
    return {
      column: LONGEST_LINE + 1,
      detail: `longer than ${LONGEST_LINE} characters`,
      suggestion: 'use several lines',
    };
  }
  const foreign = line.search(/[^\x20-\x7e\t]/);
  if (foreign >= 0) return { column: foreign + 1, detail: 'only printable ASCII characters are allowed' };
  const first = /^\s*(\S*)/.exec(line)![1]!;
  const column = line.indexOf(first) + 1;
  if (/^(CRON_)?TZ=/i.test(first)) return zoneInLine(column);
  if (!first.startsWith('@') || MACROS.has(line.trim().toLowerCase())) return null;
  const known = `the macros are ${[...MACROS.keys()].join(', ')}, each alone on its line`;
  const suggestion = first.toLowerCase() === '@every' ? 'use intervalMs or every instead, such as PT5M' : known;
  return { column, detail: `"${line.trim()}" is not a macro`, suggestion };
}

/** Other schedulers take a zone before the fields (`TZ=`) or after them. */
function zoneInLine(column: number): CronProblem {
  return { column, detail: 'a zone does not belong in the line', suggestion: 'use the field timezone' };
}

function wrongFieldCount(line: string, count: number): CronProblem {
  return {
    column: Math.min(line.length, LONGEST_LINE) + 1,
    detail: `has ${count} fields; a line has 5 (minute hour day-of-month month day-of-week), or 6 with seconds first`,
    suggestion: count === 4 ? `${line.trim()} *` : '0 9 * * 1-5',
  };
}
