import type { Job } from '../../jobs/domain/job.js';
import { nextTime } from '../../schedules/domain/index.js';
import type { RecurringSchedule } from '../../schedules/domain/index.js';

type Plan = Pick<Job, 'schedule' | 'nextRunAt' | 'plannedCount' | 'activeUntil'>;

/**
 * How many more runs a job may be planned, besides those that count already: what its schedule named and has started or still
 * may. Infinity without `maxRuns`.
 */
export const runsLeft = (schedule: Pick<RecurringSchedule, 'maxRuns'> | null, plannedCount: number): number =>
  Math.max((schedule?.maxRuns ?? Infinity) - plannedCount, 0);

/**
 * How far a job is planned once `count` of its planned runs have ended without having started: later times take their place,
 * also where the last that `maxRuns` allows had been planned.
 *
 * @param jobId from which `H` takes its place
 */
export function givenBack(
  { schedule, nextRunAt, plannedCount, activeUntil }: Plan,
  count: number,
  jobId: string,
): Pick<Plan, 'nextRunAt' | 'plannedCount' | 'activeUntil'> {
  const plan = { nextRunAt, plannedCount: Math.max(plannedCount - count, 0), activeUntil };
  if (!schedule || nextRunAt || !activeUntil || runsLeft(schedule, plan.plannedCount) === 0) return plan;
  return { ...plan, nextRunAt: nextTime(schedule, activeUntil, jobId), activeUntil: null };
}
