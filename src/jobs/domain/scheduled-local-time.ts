import type { Job } from './job.js';
import { describeInstant, resolveLocalTime } from '../../schedules/domain/index.js';

/** A one-time job's time in its zone, and how its local time was resolved. */
export interface ScheduledLocalTime {
  /** With the offset in force: `2030-03-31T03:00:00+02:00`. */
  localTime: string;
  /** Says how a clock change moved the local time, and that the time had passed at submission. Null when neither happened. */
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

/** Warns of a mistyped year: a time in the past makes the job due at once. */
const passedNote = (scheduledAt: Date, createdAt: Date): string | null =>
  scheduledAt < createdAt
    ? `it had passed when the job was submitted (${createdAt.toISOString()}), so the job was due at once`
    : null;
