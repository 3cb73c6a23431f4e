import { stableHash } from './stable-hash.js';

/** What does not parse in a cron line. `column` counts from 1. */
export interface CronProblem {
  column: number;
  detail: string;
  suggestion?: string;
}

export interface CronFieldSpec {
  name: string;
  min: number;
  max: number;
  /** The last value that `*`, `n/s` and `H` reach, where it differs from `max`. */
  last?: number;
  names?: readonly string[];
  /** Tokens for the day fields alone: `L`, `15W`, `5#2`. They come back in one form each. */
  special?: (token: string) => string | null;
}

export interface CronField {
  text: string;
  column: number;
  /** Begins with `*`, or stands for it (`?`, `H/5`). */
  wild: boolean;
  /** Sorted; empty where only special tokens are given. */
  values: number[];
  special: string[];
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

export const CRON_FIELDS = {
  second: { name: 'second', min: 0, max: 59 },
  minute: { name: 'minute', min: 0, max: 59 },
  hour: { name: 'hour', min: 0, max: 23 },
  dayOfMonth: { name: 'day of month', min: 1, max: 31, special: dayOfMonthToken },
  month: { name: 'month', min: 1, max: 12, names: MONTHS },
  dayOfWeek: { name: 'day of week', min: 0, max: 7, last: 6, names: WEEKDAYS, special: dayOfWeekToken },
} satisfies Record<string, CronFieldSpec>;

function dayOfMonthToken(token: string): string | null {
  if (token === 'L' || token === 'LW') return token;
  const day = Number(/^(\d{1,2})W$/.exec(token)?.[1]);
  return day >= 1 && day <= 31 ? `${day}W` : null;
}

function dayOfWeekToken(token: string): string | null {
  const match = /^([0-7]|[A-Z]{3})(?:#([1-5])|(L))$/.exec(token);
  if (!match) return null;
  const day = WEEKDAYS.includes(match[1]!) ? WEEKDAYS.indexOf(match[1]!) : Number(match[1]);
  if (Number.isNaN(day)) return null;
  return match[3] ? `${day % 7}L` : `${day % 7}#${match[2]}`;
}

/** Where `H` gets its value from: the same job always gets the same one. */
export type HashSeed = string | undefined;

export class CronFieldError extends Error {
  constructor(readonly problem: CronProblem) {
    super(problem.detail);
  }
}

/** @throws CronFieldError for the first token that does not parse. */
export function parseCronField(text: string, column: number, spec: CronFieldSpec, seed: HashSeed): CronField {
  const field: CronField = { text, column, wild: /^(\*|\?|H\/)/i.test(text), values: [], special: [] };
  const values = new Set<number>();
  let at = column;
  for (const token of text.toUpperCase().split(',')) {
    const special = spec.special?.(token);
    if (special === 'LW' && token.length < text.length) throw new CronFieldError(lastWorkdayInList(at));
    if (special) field.special.push(special);
    else for (const value of new Token(token, at, spec, seed, text).values()) values.add(value);
    at += token.length + 1;
  }
  field.values = [...values].sort((a, b) => a - b);
  return field;
}

/** In a list it would be read as `L` and `W`, which stands for nothing. */
function lastWorkdayInList(column: number): CronProblem {
  return { column, detail: 'day of month: LW stands only alone', suggestion: 'give LW a line of its own' };
}

const TOKEN = /^(\*|\?|H(?:\((\d+)-(\d+)\))?|(\d+|[A-Z]{3})(?:-(\d+|[A-Z]{3}))?)(?:\/(\d+))?$/;

/** One item of a field's list: `*`, `5`, `MON-FRI`, `10-50/20`, `H/15`. */
class Token {
  constructor(
    private readonly token: string,
    private readonly column: number,
    private readonly spec: CronFieldSpec,
    private readonly seed: HashSeed,
    private readonly fieldText: string,
  ) {}

  values(): number[] {
    const match = TOKEN.exec(this.token);
    if (!match) this.refuse(this.token === '' ? 'a value is missing' : `"${this.token}" is not understood`);
    const [, base, hashFrom, hashTo, from, to, stepText] = match;
    const step = stepText === undefined ? undefined : this.step(stepText);
    const { min, max } = this.spec;
    const last = this.spec.last ?? max;
    if (base === '*') return this.expand(min, last, step ?? 1);
    if (base === '?') return this.anyDay();
    if (from === undefined) return this.hashed(hashFrom, hashTo, step);
    const first = this.value(from);
    if (to === undefined) return step === undefined ? [first % (last + 1)] : this.expand(first, last, step);
    // Sunday ends a week as 7 (FRI-SUN); anything else that wraps around is refused.
    const end = to === 'SUN' && first > 0 ? 7 : this.value(to);
    if (end < first) {
      const fromMin = `${this.nameOf(min)}-${to}`;
      // 7 is Sunday, with which a week also begins.
      const mend =
        first > last ? `write it as ${fromMin}` : `write it as two ranges: ${from}-${this.nameOf(last)},${fromMin}`;
      this.refuse(`the range ${from}-${to} runs backwards`, mend);
    }
    return this.expand(first, end, step ?? 1);
  }

  private expand(first: number, end: number, step: number): number[] {
    const values: number[] = [];
    for (let value = first; value <= end; value += step) values.push(this.spec.last ? value % 7 : value);
    return values;
  }

  private value(text: string): number {
    const { names, min, max, name } = this.spec;
    if (/^\d/.test(text)) {
      const value = Number(text);
      if (value < min || value > max) this.refuse(`${name} ${text} is outside ${min}-${max}`);
      return value;
    }
    const index = names?.indexOf(text) ?? -1;
    if (index < 0) {
      this.refuse(`"${text}" is not a ${name}`, names && `use ${min}-${max} or ${names.join(', ')}`);
    }
    return index + min;
  }

  private step(text: string): number {
    const step = Number(text);
    const { max, name } = this.spec;
    if (step < 1 || step > max) {
      const suggestion = step < 1 ? undefined : 'for longer steps use intervalMs or every';
      this.refuse(`a step of ${text} is outside 1-${max} for the ${name}`, suggestion);
    }
    return step;
  }

  private anyDay(): number[] {
    if (!this.spec.special || this.fieldText !== '?') {
      this.refuse(`"?" stands only alone, in a day field`, 'use *');
    }
    return this.expand(this.spec.min, this.spec.last ?? this.spec.max, 1);
  }

  private hashed(fromText: string | undefined, toText: string | undefined, step: number | undefined): number[] {
    if (this.seed === undefined) {
      this.refuse('"H" takes its value from the id of a job, and there is none here', 'give a fixed value');
    }
    const from = fromText === undefined ? this.spec.min : this.value(fromText);
    // The 29th to 31st do not come every month, so a spread over days stops before them.
    const widest = this.spec.name === 'day of month' ? 28 : (this.spec.last ?? this.spec.max);
    const to = toText === undefined ? widest : this.value(toText);
    if (to < from) this.refuse(`the range ${from}-${to} runs backwards`);
    const width = Math.min(step ?? Infinity, to - from + 1);
    const first = from + (stableHash(`${this.seed}/${this.spec.name}`) % width);
    return step === undefined ? this.expand(first, first, 1) : this.expand(first, to, step);
  }

  private nameOf(value: number): string {
    return /^[A-Z]/.test(this.token) ? (this.spec.names?.[value - this.spec.min] ?? `${value}`) : `${value}`;
  }

  private refuse(detail: string, suggestion?: string): never {
    const { name, min, max } = this.spec;
    throw new CronFieldError({
      column: this.column,
      detail: `${name}: ${detail}`,
      suggestion: suggestion ?? `the ${name} takes ${min}-${max}, lists (1,5), ranges (1-5) and steps (*/5)`,
    });
  }
}
