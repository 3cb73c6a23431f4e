import type { Job } from '../../../jobs/domain/job.js';
import { dueAt, nextTime, suppressedBy, timesBetween } from '../../../schedules/domain/index.js';
import type { RecurringSchedule, ResolvedSchedule } from '../../../schedules/domain/index.js';
import { newId } from '../../../kernel/ids.js';
import type { NewRun, RunReason } from '../../domain/run.js';
import { runsLeft } from '../../domain/runs-left.js';
import { catchupWindowMs, missedDetail } from '../../domain/catch-up.js';

export interface PlanSettings {
  /** Runs are created this many ms before they are due. */
  horizonMs: number;
  /** Nominal times older than this many ms have been passed by: the catch-up policy says what becomes of them. */
  catchupAfterMs: number;
  /** What passed them by: nothing was there to start them, or the job was paused. */
  cause: 'missed' | 'paused';
  /** What stands for a time already, because part of a planned stretch is planned again: its row, or one for a range of times. */
  taken?: (nominalAt: Date) => 'row' | 'range' | null;
}

export interface Plan {
  runs: NewRun[];
  /** The next nominal time without a row; null when the schedule has no more. */
  nextRunAt: Date | null;
  plannedCount: number;
  /** The last instant up to which the schedule counts; null unless `maxRuns` ends it here. */
  activeUntil: Date | null;
}

/** The schedule of a job could not be computed: a defect, or a schedule stored by another version. */
export class ScheduleError extends Error {
  override readonly name = 'ScheduleError';
}

type RecurringJob = Pick<Job, 'id' | 'version' | 'catchup' | 'plannedCount'> & {
  schedule: ResolvedSchedule;
  nextRunAt: Date;
};

/** Passed times settled in one step: a long outage is accounted for in several, each a short transaction. */
const passedPerStep = 1_000;
/** Times planned ahead in one step. */
const aheadPerStep = 200;
/** Up to this many missed times in a row get a row each; more share one row with a count. */
const rowsOfTheirOwn = 20;

/**
 * The rows that a recurring job needs from its `nextRunAt` on: those passed by, made up or missed as its catch-up policy
 * says, and those due within the horizon. Pure: every process computes the same.
 *
 * @param now the database's clock
 */
export function planRuns(job: RecurringJob, now: Date, settings: PlanSettings): Plan {
  const { schedule, id, catchup } = job;
  const justBefore = new Date(job.nextRunAt.getTime() - 1);
  const passedUntil = new Date(now.getTime() - settings.catchupAfterMs);
  const keep = catchup.mode === 'all' ? catchup.max : catchup.mode === 'latest' ? 1 : 0;
  const limit = passedPerStep + keep;
  const taken = settings.taken ?? (() => null);
  const missedOf = (times: Date[]): NewRun[] =>
    stretches(times, taken).flatMap((stretch) => missedRuns(job, stretch, now, settings));
  const runs = (time: Date): boolean => suppressedBy(schedule, time) === null;
  const passed = timesBetween(schedule, justBefore, passedUntil, id, limit);
  if (passed.length === limit) {
    const gone = passed.slice(0, passedPerStep);
    return finish(job, missedOf(gone), gone.at(-1) ?? justBefore);
  }
  const [newestPassed] = passed.slice(-1);
  const ahead = timesBetween(
    schedule,
    newestPassed ?? justBefore,
    new Date(now.getTime() + settings.horizonMs),
    id,
    aheadPerStep,
  );
  const superseded = catchup.mode === 'latest' && ahead.some((time) => time <= now && runs(time));
  const kept = keep === 0 || superseded ? [] : passed.filter(runs).slice(-keep);
  const windowMs = catchupWindowMs(catchup, intervalAround(schedule, passed.at(-1) ?? now, id));
  const madeUp = new Set(kept.filter((time) => now.getTime() - time.getTime() <= windowMs));
  const gone = passed.filter((time) => !madeUp.has(time));
  const following = new Map(ahead.map((time, index) => [time, ahead[index + 1]]));
  const planned = [...madeUp, ...ahead]
    .filter((time) => taken(time) === null)
    .map((time) => runAt(job, time, following.get(time)));
  return finish(job, [...missedOf(gone), ...planned], ahead.at(-1) ?? newestPassed ?? justBefore);
}

/** The times that nothing stands for; a range of others parts them, so that no two ranges stand for one time. */
function stretches(times: Date[], taken: NonNullable<PlanSettings['taken']>): Date[][] {
  const parts: Date[][] = [[]];
  for (const time of times) {
    const by = taken(time);
    if (by === null) parts.at(-1)?.push(time);
    else if (by === 'range' && parts.at(-1)?.length) parts.push([]);
  }
  return parts;
}

/** The times within the first `maxRuns` that run, and where planning goes on. */
function finish(job: RecurringJob, runs: NewRun[], plannedUntil: Date): Plan {
  const allowed = runsLeft(job.schedule, job.plannedCount);
  const counted = runs.filter((run) => !run.final);
  if (counted.length >= allowed) {
    const last = counted[allowed - 1]?.nominalAt ?? new Date(job.nextRunAt.getTime() - 1);
    return {
      runs: runs.filter((run) => run.nominalAt <= last),
      nextRunAt: null,
      plannedCount: job.plannedCount + allowed,
      activeUntil: last,
    };
  }
  return {
    runs,
    nextRunAt: nextTime(job.schedule, plannedUntil, job.id),
    plannedCount: job.plannedCount + counted.length,
    activeUntil: null,
  };
}

/** @param following the nominal time after it, where it is known already */
function runAt(job: RecurringJob, nominalAt: Date, following?: Date): NewRun {
  const next = following ?? nextTime(job.schedule, nominalAt, job.id);
  const suppression = suppressedBy(job.schedule, nominalAt);
  return {
    ...rowOf(job, nominalAt),
    dueAt: dueAt(job.schedule, nominalAt, next, job.id),
    ...(suppression && { final: { state: 'skipped', reason: 'calendar', detail: suppression.reason } }),
  };
}

/** Rows for times that will never run: suppressed ones as such, the others by the cause that passed them by. */
function missedRuns(job: RecurringJob, times: Date[], now: Date, { cause }: PlanSettings): NewRun[] {
  const suppressed = times.filter((time) => suppressedBy(job.schedule, time) !== null);
  const missed = times.filter((time) => suppressedBy(job.schedule, time) === null);
  const [first] = missed;
  const last = missed.at(-1);
  if (!first || !last) return suppressed.map((time) => runAt(job, time));
  const final = finalOf(job, first, now, cause);
  const rows =
    missed.length <= rowsOfTheirOwn
      ? missed.map((time) => ({ ...rowOf(job, time), final: finalOf(job, time, now, cause) }))
      : [{ ...rowOf(job, first), final, count: missed.length, nominalUntil: last }];
  return [...suppressed.map((time) => runAt(job, time)), ...rows];
}

function finalOf(job: RecurringJob, time: Date, now: Date, cause: PlanSettings['cause']): NonNullable<NewRun['final']> {
  if (cause === 'paused') return { state: 'skipped', reason: 'paused', detail: 'The job was paused at this time.' };
  const windowMs = catchupWindowMs(job.catchup, intervalAround(job.schedule, time, job.id));
  const lateMs = now.getTime() - time.getTime();
  const reason: RunReason =
    job.catchup.mode === 'none'
      ? 'catchup_none'
      : job.catchup.mode === 'latest' && lateMs <= windowMs
        ? 'superseded'
        : 'outside_window';
  return { state: 'missed', reason, detail: missedDetail(reason, lateMs, windowMs) };
}

const rowOf = (job: RecurringJob, nominalAt: Date): NewRun => ({
  id: newId(),
  jobId: job.id,
  nominalAt,
  dueAt: nominalAt,
  trigger: 'schedule',
  jobVersion: job.version,
  gated: true,
});

/** Time from `time` to the following nominal time, in ms; 0 when there is none. */
function intervalAround(schedule: RecurringSchedule, time: Date, seed: string): number {
  const following = nextTime(schedule, time, seed);
  return following ? following.getTime() - time.getTime() : 0;
}
