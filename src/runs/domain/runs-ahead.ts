import type { RecurringSchedule, RemainingRuns } from '../../jobs/domain/schedule/index.js';
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
 * @param until the last instant at which the schedule names a time; null: no such bound
 */
export function runsAhead(
  schedule: RecurringSchedule,
  { plannedCount, nextRunAt, now }: Planned,
  until: Date | null,
): RemainingRuns {
  return { count: runsLeft(schedule, plannedCount), from: nextRunAt ?? now, until };
}
