import type { JobView } from './job.js';
import { nextStart } from '../../schedules/domain/index.js';
import type { RecurringSchedule, ResolvedSchedule } from '../../schedules/domain/index.js';

/** The fields of a job that determine its next start. */
export type Planned = Pick<JobView, 'id' | 'schedule' | 'nextRunAt' | 'nextHasRun'>;

/** Whether the job's next nominal time may lie on an excluded day. Planning has already checked a time that has a run. */
export const mayBeSuppressed = ({ schedule, nextRunAt, nextHasRun }: Planned): boolean =>
  nextRunAt !== null &&
  !nextHasRun &&
  schedule !== null &&
  (schedule.excludeDates ?? []).length + (schedule.calendars ?? []).length > 0;

/** The job with the next time that starts, instead of the next nominal time. @param resolve gives a schedule its blackout days */
export function withNextStart<View extends Planned>(
  view: View,
  resolve: (schedule: RecurringSchedule) => ResolvedSchedule,
): View {
  const { schedule, nextRunAt, id } = view;
  if (!schedule || !nextRunAt || !mayBeSuppressed(view)) return view;
  return { ...view, nextRunAt: nextStart(resolve(schedule), nextRunAt, id) };
}
