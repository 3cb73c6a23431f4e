import type { Job } from './job.js';
import { describeInstant, resolveLocalTime } from './schedule/index.js';

/** How a one-time job's time reads in its zone, and what became of the local time that it was given as. */
export interface ScheduledLocalTime {
  /** With the offset in force: `2030-03-31T03:00:00+02:00`. */
  localTime: string;
  /** Null where the local time exists once, or the time was given with an offset. */
  note: string | null;
}

/** Null for a recurring job. */
export function scheduledLocalTime(
  job: Pick<Job, 'scheduledAt' | 'scheduledLocal' | 'timezone'>,
): ScheduledLocalTime | null {
  if (!job.scheduledAt) return null;
  const zone = job.timezone ?? 'UTC';
  const { localTime } = describeInstant(job.scheduledAt, zone, '');
  const resolved = job.scheduledLocal === null ? null : resolveLocalTime(job.scheduledLocal, zone);
  if (resolved?.outcome === 'after_gap')
    return {
      localTime,
      note: `${job.scheduledLocal} does not exist in ${zone}: it is the first instant after the gap`,
    };
  if (resolved?.outcome === 'first_copy')
    return {
      localTime,
      note: `${job.scheduledLocal} exists twice in ${zone}: it is the first; the second is ${resolved.otherAt?.toISOString()}`,
    };
  return { localTime, note: null };
}
