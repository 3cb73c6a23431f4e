import type { Job } from './job.js';
import { describeInstant, resolveLocalTime } from '../../schedules/domain/index.js';

/** How a one-time job's time reads in its zone, and what became of the local time that it was given as. */
export interface ScheduledLocalTime {
  /** With the offset in force: `2030-03-31T03:00:00+02:00`. */
  localTime: string;
  /** What a clock change made of the local time, and whether it had passed when the job was submitted. Null where neither. */
  note: string | null;
}

/** Null for a recurring job. */
export function scheduledLocalTime(
  job: Pick<Job, 'scheduledAt' | 'scheduledLocal' | 'timezone' | 'createdAt'>,
): ScheduledLocalTime | null {
  if (!job.scheduledAt) return null;
  const zone = job.timezone ?? 'UTC';
  const { localTime } = describeInstant(job.scheduledAt, zone, '');
  const notes = [clockNote(job.scheduledLocal, zone), passedNote(job.scheduledAt, job.createdAt)].filter(Boolean);
  return { localTime, note: notes.join('; ') || null };
}

function clockNote(local: string | null, zone: string): string | null {
  const resolved = local === null ? null : resolveLocalTime(local, zone);
  if (resolved?.outcome === 'after_gap')
    return `${local} does not exist in ${zone}: it is the first instant after the gap`;
  if (resolved?.outcome === 'first_copy')
    return `${local} exists twice in ${zone}: it is the first; the second is ${resolved.otherAt?.toISOString()}`;
  return null;
}

/** A mistyped year is due at once. */
const passedNote = (scheduledAt: Date, createdAt: Date): string | null =>
  scheduledAt < createdAt
    ? `it had passed when the job was submitted (${createdAt.toISOString()}), so the job was due at once`
    : null;
