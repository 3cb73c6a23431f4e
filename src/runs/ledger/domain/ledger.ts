import type { StoredJobStatus } from '../../../jobs/domain/job-status.js';
import { runsLeftAt, suppressedBy, timesBetween } from '../../../schedules/domain/index.js';
import type { ResolvedSchedule } from '../../../schedules/domain/index.js';
import { atOnce } from '../../../kernel/at-once.js';
import { runStates } from '../../domain/run-state.js';
import type { RunState } from '../../domain/run-state.js';
import type { RunReason } from '../../domain/run.js';
import { runsAhead } from '../../domain/runs-ahead.js';

/** Most nominal times that one ledger covers. */
export const maxLedgerTimes = 10_000;
/** Most missing times and unexpected rows that it names; the counts are complete. */
const mostNamed = 100;
/** So many times at most are found between two pauses. */
const timesPerPiece = 500;

/** How far a job has been planned, on the database's clock. */
export interface JobPlan {
  status: StoredJobStatus;
  /** The next nominal time without a row. */
  nextRunAt: Date | null;
  plannedCount: number;
  /** The nominal time of a one-time job. */
  scheduledAt: Date | null;
  now: Date;
}

/** A row of a run that the schedule named. */
export interface LedgerRow {
  runId: string;
  nominalAt: Date;
  /** The last nominal time that the row accounts for; null when it is the only one. */
  nominalUntil: Date | null;
  state: RunState;
  reason: RunReason | null;
  jobVersion: number;
}

/**
 * A version of the schedule; it names times in `(validFrom, validTo]`, without end where `validTo` is null. Calendars do not
 * change which times those are: they need to be there only for the version of which it is asked what is suppressed.
 */
export interface LedgerVersion {
  version: number;
  schedule: ResolvedSchedule;
  validFrom: Date;
  validTo: Date | null;
}

/**
 * What has no row yet and shall not have: `toCome` lies ahead, `paused` waits for the job, `unplanned` for the ticker. What was
 * planned before the pause and has not started is `paused` as well: its row says nothing until the job resumes.
 */
const pendingOutcomes = ['toCome', 'paused', 'unplanned'] as const;
/** All that a nominal time without a row of its own can be, but missing; the row of a `pruned` one was old and is gone. */
export const rowlessOutcomes = [...pendingOutcomes, 'pruned'] as const;
export type LedgerOutcome = RunState | (typeof rowlessOutcomes)[number];

export interface Ledger {
  /** Nominal times that the schedule names in the range. */
  expected: number;
  /** Those of them that have a row, lie ahead, or wait for a paused job to resume. Pruned ones are counted apart. */
  accountedFor: number;
  byOutcome: Record<LedgerOutcome, number>;
  /** The last nominal time up to which rows may have been pruned; null when all are kept. */
  prunedUntil: Date | null;
  /** Times that were planned and have no row: gaps. At most a hundred. */
  missing: Date[];
  missingCount: number;
  /** Rows whose time no version of the schedule names. At most a hundred. */
  unexpected: LedgerRow[];
  unexpectedCount: number;
  summary: string;
}

/** What names a job's times. */
export interface NamingInput {
  jobId: string;
  /** Oldest first; empty for a one-time job. */
  versions: LedgerVersion[];
  plan: JobPlan;
}

export interface LedgerInput extends NamingInput {
  /** All rows that account for a time in the range. */
  rows: LedgerRow[];
  /** The job's mark, read after its rows: what is gone from them lies up to it. */
  prunedUntil: Date | null;
}

/** The range `[from, to)` names more times than one ledger covers. */
export class RangeTooLarge extends Error {
  override readonly name = 'RangeTooLarge';
}

/** So many times lie before the range that it is not counted whether `maxRuns` still allows any in it. */
export class RangeTooFar extends Error {
  override readonly name = 'RangeTooFar';
}

/**
 * Computes the nominal times in `[from, to)` anew, each from the version of the schedule that was in force, and sets them
 * against the rows. Pure: the same for everybody who asks.
 *
 * @param expected the nominal times of the range, where they are known already
 * @throws RangeTooLarge above {@link maxLedgerTimes}; RangeTooFar
 */
export function ledgerOf(
  input: LedgerInput,
  from: Date,
  to: Date,
  expected: Date[] = atOnce(expectedTimes(input, from, to)),
): Ledger {
  const byOutcome = Object.fromEntries([...runStates, ...rowlessOutcomes].map((outcome) => [outcome, 0]));
  const outcomeOf = outcomes(input);
  const missing: Date[] = [];
  for (const time of expected) {
    const outcome = outcomeOf(time);
    if (outcome === null) missing.push(time);
    else byOutcome[outcome] = (byOutcome[outcome] ?? 0) + 1;
  }
  const [unplanned, pruned] = [byOutcome['unplanned'] ?? 0, byOutcome['pruned'] ?? 0];
  const accountedFor = expected.length - missing.length - unplanned - pruned;
  const unexpected = unexpectedRows(input, new Set(expected.map(Number)), from, to);
  return {
    expected: expected.length,
    accountedFor,
    byOutcome: byOutcome as Ledger['byOutcome'],
    missing: missing.slice(0, mostNamed),
    missingCount: missing.length,
    unexpected: unexpected.slice(0, mostNamed),
    unexpectedCount: unexpected.length,
    prunedUntil: input.prunedUntil,
    summary: [
      `accounted for: ${accountedFor} of ${expected.length}`,
      ...told(missing.length, 'missing'),
      ...told(unplanned, 'passed and not planned yet'),
      ...told(pruned, `pruned, up to ${input.prunedUntil?.toISOString()}`),
      ...told(unexpected.length, 'rows that no schedule names'),
    ].join('; '),
  };
}

/**
 * The nominal times in `[from, to)`, each named by the version of the schedule that was in force. Pauses after each version and
 * each {@link timesPerPiece} times.
 * @throws RangeTooLarge, RangeTooFar
 */
export function* expectedTimes({ jobId, versions, plan }: NamingInput, from: Date, to: Date): Generator<void, Date[]> {
  const inRange = (time: Date): boolean => from <= time && time < to;
  if (plan.scheduledAt) return [plan.scheduledAt].filter(inRange);
  const justBefore = (time: Date): Date => new Date(time.getTime() - 1);
  const times: Date[] = [];
  for (const { schedule, validFrom, validTo } of versions) {
    const end = validTo ? earlier(validTo, justBefore(to)) : justBefore(to);
    let start: Date | undefined = later(validFrom, justBefore(from));
    while (start && start < end) {
      const piece: Date[] = timesBetween(schedule, start, end, jobId, timesPerPiece);
      for (const time of piece) times.push(time);
      if (times.length > maxLedgerTimes) throw new RangeTooLarge();
      start = piece.length < timesPerPiece ? undefined : piece.at(-1);
      yield;
    }
  }
  return withinMaxRuns(times, versions.at(-1), plan, jobId);
}

/** Without those that come after the last run that `maxRuns` allows, counted from the next time without a row on. */
function withinMaxRuns(times: Date[], current: LedgerVersion | undefined, plan: JobPlan, jobId: string): Date[] {
  const { nextRunAt } = plan;
  if (current?.schedule.maxRuns === undefined || !nextRunAt) return times;
  const { schedule } = current;
  const [firstAhead] = times.filter((time) => time >= nextRunAt);
  if (!firstAhead) return times;
  const counted = runsLeftAt(schedule, runsAhead(schedule, plan, current.validTo, null), firstAhead, jobId);
  if (counted === null) throw new RangeTooFar();
  let left = counted;
  return times.filter((time) => {
    if (time < nextRunAt) return true;
    if (suppressedBy(schedule, time)) return left > 0;
    left -= 1;
    return left >= 0;
  });
}

/** What became of a nominal time; null when it is missing. */
function outcomes({ rows, versions, plan, prunedUntil }: LedgerInput): (time: Date) => LedgerOutcome | null {
  const own = new Map(rows.filter(isSingle).map((row) => [row.nominalAt.getTime(), row]));
  const ranges = rows.filter((row) => !isSingle(row));
  const current = versions.at(-1);
  return (time) => {
    const row = own.get(time.getTime()) ?? ranges.find((range) => covers(range, time));
    if (row) return plan.status === 'paused' && row.state === 'scheduled' ? 'paused' : row.state;
    if (prunedUntil && time <= prunedUntil) return 'pruned';
    const isAhead = plan.nextRunAt && time >= plan.nextRunAt && current && time > current.validFrom;
    if (!isAhead) return null;
    if (plan.status === 'paused') return 'paused';
    return time > plan.now ? 'toCome' : 'unplanned';
  };
}

const isSingle = ({ nominalUntil }: LedgerRow): boolean => nominalUntil === null;
const covers = ({ nominalAt, nominalUntil }: LedgerRow, time: Date): boolean =>
  nominalAt <= time && nominalUntil !== null && time <= nominalUntil;

/** A row may stand for a time of the version that planned it, though another has come into force since. */
function unexpectedRows({ jobId, versions, rows }: LedgerInput, expected: Set<number>, from: Date, to: Date) {
  return rows.filter((row) => {
    const { nominalAt, reason, jobVersion } = row;
    if (!isSingle(row) || nominalAt < from || nominalAt >= to || expected.has(nominalAt.getTime())) return false;
    if (reason === 'rescheduled') return false;
    const planner = versions.find(({ version }) => version === jobVersion);
    return (
      !planner || timesBetween(planner.schedule, new Date(nominalAt.getTime() - 1), nominalAt, jobId, 1).length === 0
    );
  });
}

const told = (count: number, what: string): string[] => (count > 0 ? [`${count} ${what}`] : []);

const later = (one: Date, other: Date): Date => (one > other ? one : other);
const earlier = (one: Date, other: Date): Date => (one < other ? one : other);
