import type { JobView } from './job.js';
import { nextStart } from '../../schedules/domain/index.js';
import type { RecurringSchedule, ResolvedSchedule } from '../../schedules/domain/index.js';

/** What of a job tells when it starts next. */
export type Planned = Pick<JobView, 'id' | 'schedule' | 'nextRunAt' | 'nextHasRun'>;

/** Whether the time that a job names next may lie on a day that is left out. What has its run has been looked at already. */
export const mayBeSuppressed = ({ schedule, nextRunAt, nextHasRun }: Planned): boolean =>
  nextRunAt !== null &&
  !nextHasRun &&
  schedule !== null &&
  (schedule.excludeDates ?? []).length + (schedule.calendars ?? []).length > 0;

/** The job with the next time that will start in place of the next that it names. @param resolve gives it its blackout days */
export function withNextStart<View extends Planned>(
  view: View,
  resolve: (schedule: RecurringSchedule) => ResolvedSchedule,
): View {
  const { schedule, nextRunAt, id } = view;
  if (!schedule || !nextRunAt || !mayBeSuppressed(view)) return view;
  return { ...view, nextRunAt: nextStart(resolve(schedule), nextRunAt, id) };
}
