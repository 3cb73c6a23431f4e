import type { RecurringSchedule, RemainingRuns } from '../../schedules/domain/index.js';
import type { Job } from '../../jobs/domain/job.js';
import { runsLeft } from './runs-left.js';

/** How far a job has been planned. */
interface Planned {
  plannedCount: number;
  /** The next nominal time without a row. */
  nextRunAt: Date | null;
  now: Date;
}

/**
 * How many more runs `maxRuns` allows a job, from its next time without a row on: what has a row has been counted.
 * What passes during a pause takes none of them, but for what catch-up makes up.
 *
 * @param until the last instant at which the schedule names a time; null: no such bound
 * @param resumesAt when the job's pause ends by itself; null: it is not paused, or its pause has no end
 */
export function runsAhead(
  schedule: RecurringSchedule,
  { plannedCount, nextRunAt, now }: Planned,
  until: Date | null,
  resumesAt: Date | null,
): RemainingRuns {
  const next = nextRunAt ?? now;
  return { count: runsLeft(schedule, plannedCount), from: resumesAt && resumesAt > next ? resumesAt : next, until };
}

/** When a job's pause ends by itself; null where it is not paused, or its pause has no end. */
export const resumesAt = ({ status, pausedUntil }: Pick<Job, 'pausedUntil'> & { status: string }): Date | null =>
  status === 'paused' ? pausedUntil : null;

/** Says of the coming times of a paused job that catch-up decides about those within the pause. */
export function toldOfPause<T extends { nominalAt: Date; reason: string }>(
  times: T[],
  job: Pick<Job, 'pausedUntil'> & { status: string },
): T[] {
  if (job.status !== 'paused') return times;
  const end = resumesAt(job);
  const until = end ? ` until ${end.toISOString()}` : '';
  return times.map((time) =>
    end && time.nominalAt >= end
      ? time
      : { ...time, reason: `${time.reason}; the job is paused${until}: catch-up decides when it resumes` },
  );
}
