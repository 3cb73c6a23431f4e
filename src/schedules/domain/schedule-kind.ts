import { parseCronLine } from './cron-expression.js';
import { parseDuration } from './duration.js';
import { isAbsent } from './schedule-fields.js';
import type { ScheduleProblems } from './schedule-problem.js';
import type { RecurrencePattern } from './schedule.js';
import { RECURRENCE_PATTERNS } from './schedule.js';
import { DAY } from './time-units.js';

const MOST_LINES = 20;
const LONGEST_INTERVAL = 3_653 * DAY;
const KINDS = ['recurrencePattern', 'cron', 'intervalMs', 'every'] as const;

/** The schedule fields of a body as they were submitted: anything may be in them. */
export interface ScheduleInput {
  recurrencePattern?: unknown;
  /** One line or a list of lines. */
  cron?: unknown;
  intervalMs?: unknown;
  /** ISO 8601 duration, stored as `intervalMs`. */
  every?: unknown;
  anchorAt?: unknown;
  /** The first nominal time: `anchorAt` of a pattern or an interval, `startsAt` of cron lines. */
  scheduledAt?: unknown;
  timezone?: unknown;
  startsAt?: unknown;
  endsAt?: unknown;
  maxRuns?: unknown;
  excludeDates?: unknown;
  /** Ids of shared calendars. */
  calendars?: unknown;
  dst?: unknown;
  jitterMs?: unknown;
}

type Kind = { recurrencePattern: RecurrencePattern; anchorAt: string } | { cron: string[] } | Interval;
type Interval = { intervalMs: number; anchorAt: string };

/** What a pattern or an interval steps by: the pattern's name, or ms. Null for cron lines, and for what is not understood. */
export function stepOf({ recurrencePattern, intervalMs, every }: ScheduleInput): unknown {
  const given = [recurrencePattern, intervalMs, every].filter((step) => !isAbsent(step));
  if (given.length !== 1) return null;
  if (isAbsent(every)) return given[0];
  const parsed = parseDuration(typeof every === 'string' ? every : '');
  return 'ms' in parsed ? parsed.ms : null;
}

/**
 * Where a schedule counts from that takes the place of another: where that counts from, if both step alike and neither
 * `scheduledAt` nor `startsAt` says where. So the same definition, sent again, names the same times. Undefined: nothing to keep.
 */
export function keptAnchor(input: ScheduleInput, current: ScheduleInput): unknown {
  const says = [input.anchorAt, input.scheduledAt, input.startsAt, input.cron].some((field) => !isAbsent(field));
  return !says && stepOf(input) !== null && stepOf(input) === stepOf(current) ? current.anchorAt : undefined;
}

/** The one way to say when that the body uses; null when it was refused. */
export function readKind(
  input: ScheduleInput,
  anchor: Date,
  options: { minIntervalMs: number; seed?: string },
  problems: ScheduleProblems,
): Kind | null {
  const given = KINDS.filter((kind) => !isAbsent(input[kind]));
  const read = given.map((kind) => readOne(kind, input, anchor.toISOString(), options, problems));
  if (given.length !== 1) {
    const code = given.length === 0 ? 'schedule_kind_missing' : 'schedule_kind_conflict';
    const suggestion = `exactly one of ${KINDS.join(', ')}`;
    if (given.length === 0) problems.invalid('/recurrencePattern', code, 'nothing says when it recurs', { suggestion });
    for (const kind of given) problems.invalid(`/${kind}`, code, `given beside ${others(kind, given)}`, { suggestion });
    return null;
  }
  return read[0] ?? null;
}

function readOne(
  kind: (typeof KINDS)[number],
  input: ScheduleInput,
  anchorAt: string,
  { minIntervalMs, seed }: { minIntervalMs: number; seed?: string },
  problems: ScheduleProblems,
): Kind | null {
  if (kind === 'cron') return readCron(input.cron, seed, problems);
  if (kind === 'recurrencePattern') return readPattern(input.recurrencePattern, anchorAt, problems);
  return readInterval(kind, input[kind], anchorAt, minIntervalMs, problems);
}

function readPattern(value: unknown, anchorAt: string, problems: ScheduleProblems): Kind | null {
  const recurrencePattern = RECURRENCE_PATTERNS.find((known) => known === value);
  if (recurrencePattern) return { recurrencePattern, anchorAt };
  const suggestion = `one of ${RECURRENCE_PATTERNS.join(', ')}; anything else as cron or every`;
  problems.invalid('/recurrencePattern', 'recurrence_pattern_unknown', 'is not a known pattern', { suggestion });
  return null;
}

function readCron(value: unknown, seed: string | undefined, problems: ScheduleProblems): Kind | null {
  const lines: unknown[] = Array.isArray(value) ? value : [value];
  if (lines.length === 0 || lines.length > MOST_LINES) {
    problems.invalid('/cron', 'cron_syntax', `must be one line or a list of 1 to ${MOST_LINES} lines`);
    return null;
  }
  lines.forEach((line, index) => {
    const pointer = Array.isArray(value) ? `/cron/${index}` : '/cron';
    if (typeof line !== 'string') {
      problems.invalid(pointer, 'cron_syntax', 'must be text', { suggestion: '0 9 * * 1-5' });
      return;
    }
    const parse = parseCronLine(line, seed);
    if (!('problems' in parse)) return;
    for (const { detail, ...hint } of parse.problems) problems.invalid(pointer, 'cron_syntax', detail, hint);
  });
  return { cron: lines.filter((line) => typeof line === 'string').map((line) => line.trim()) };
}

function readInterval(
  kind: 'intervalMs' | 'every',
  value: unknown,
  anchorAt: string,
  minIntervalMs: number,
  problems: ScheduleProblems,
): Kind | null {
  const pointer = `/${kind}`;
  const intervalMs = kind === 'every' ? readEvery(value, problems) : value;
  if (intervalMs === null) return null;
  if (typeof intervalMs !== 'number' || !Number.isInteger(intervalMs) || intervalMs > LONGEST_INTERVAL) {
    problems.invalid(pointer, 'number_invalid', 'must be a whole number of milliseconds, at most ten years');
    return null;
  }
  if (intervalMs < Math.max(1, minIntervalMs)) refuseShortInterval(pointer, intervalMs, minIntervalMs, problems);
  return { intervalMs, anchorAt };
}

function readEvery(value: unknown, problems: ScheduleProblems): number | null {
  const parse = parseDuration(typeof value === 'string' ? value : '');
  if ('ms' in parse) return parse.ms;
  problems.invalid('/every', 'duration_syntax', parse.detail, { suggestion: parse.suggestion });
  return null;
}

export function refuseShortInterval(
  pointer: string,
  gap: number,
  minIntervalMs: number,
  problems: ScheduleProblems,
): void {
  const detail = `${gap} ms between two nominal times is below the minimum of ${minIntervalMs} ms`;
  problems.invalid(pointer, 'interval_too_short', detail, { suggestion: `at least ${minIntervalMs} ms` });
}

function others(kind: string, given: readonly string[]): string {
  return given.filter((other) => other !== kind).join(', ');
}
