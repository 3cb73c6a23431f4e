import { canonical } from '../../kernel/canonical.js';
import type { Job } from './job.js';
import { nextTime } from '../../schedules/domain/index.js';
import type { RecurringSchedule } from '../../schedules/domain/index.js';

type Timed = Pick<Job, 'id' | 'scheduledAt' | 'schedule'>;

/** Describes for the user how a change at `now` moved a job's nominal times. Null when it moved none. */
export function movedTimes(job: Timed, next: Timed, now: Date): string | null {
  if (!job.schedule || !next.schedule) return movedTime(job.scheduledAt, next.scheduledAt, now);
  if (namesOf(job.schedule) === namesOf(next.schedule)) return null;
  const [before, after] = [job, next].map(({ schedule, id }) => nextTime(schedule!, now, id));
  const moved =
    before?.getTime() === after?.getTime()
      ? `The next time is ${shown(after)} as before; those behind it are of the new schedule.`
      : `The next time was ${shown(before)} and is now ${shown(after)}.`;
  const isCountedFromNow = 'anchorAt' in next.schedule && next.schedule.anchorAt === now.toISOString();
  return isCountedFromNow ? `${moved} Times are counted from the change; anchorAt counts them from another.` : moved;
}

function movedTime(before: Date | null, after: Date | null, now: Date): string | null {
  if (before?.getTime() === after?.getTime()) return null;
  const moved = `Its time was ${shown(before)} and is now ${shown(after)}.`;
  return after && after < now ? `${moved} That had passed already, so it is due at once.` : moved;
}

/** The fields that determine the nominal times of a schedule. The other fields determine which of these times run. */
function namesOf(schedule: RecurringSchedule): string {
  const { maxRuns: _maxRuns, excludeDates: _dates, calendars: _calendars, jitterMs: _jitter, ...names } = schedule;
  return canonical(names);
}

const shown = (at: Date | null | undefined): string => at?.toISOString() ?? 'none';
