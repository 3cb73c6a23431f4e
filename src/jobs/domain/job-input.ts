import { canonical } from '../../kernel/canonical.js';
import type { JsonObject } from '../../kernel/json.js';
import { shownSchedule } from './job.js';
import type { Job, JobType, JobView, LostPolicy } from './job.js';
import type { Catchup, OverlapPolicy } from './policies.js';
import { parseInstant, stepOf } from '../../schedules/domain/index.js';
import type { ScheduleInput } from '../../schedules/domain/index.js';

/** A job's definition as a user writes it. Reading it from a job and writing it again changes nothing. */
export interface JobInput extends ScheduleInput {
  name: string;
  description?: string | null;
  type: JobType;
  handler?: string;
  payload?: JsonObject;
  overlapPolicy?: OverlapPolicy;
  catchup?: Partial<Catchup>;
  pauseAfterFailures?: number | null;
  maxRetries?: number;
  retryDelayMs?: number | null;
  timeoutMs?: number | null;
  onLost?: LostPolicy | null;
  notifyOnFailure?: boolean | null;
}

/** Fields of a schedule that determine its kind. A change that sets one of them removes the others. */
const kindFields = ['recurrencePattern', 'cron', 'intervalMs', 'every'] as const;
/** Fields that only recurring jobs have. */
export const recurringFields = [
  ...kindFields,
  'anchorAt',
  'startsAt',
  'endsAt',
  'maxRuns',
  'excludeDates',
  'calendars',
  'jitterMs',
] as const;

/** The current definition of a job. */
export function inputOf(job: Job): JobInput {
  const input: JobInput = {
    name: job.name,
    description: job.description,
    type: job.type,
    handler: job.handler,
    payload: job.payload,
    overlapPolicy: job.overlapPolicy,
    catchup: job.catchup,
    pauseAfterFailures: job.pauseAfterFailures,
    maxRetries: job.maxRetries,
    retryDelayMs: job.retryDelayMs,
    timeoutMs: job.timeoutMs,
    onLost: job.onLost,
    notifyOnFailure: job.notifyOnFailure,
  };
  if (job.scheduledAt) input.scheduledAt = job.scheduledLocal ?? job.scheduledAt.toISOString();
  if (job.timezone) input.timezone = job.timezone;
  if (!job.schedule) return input;
  return { ...input, ...shownSchedule(job) };
}

/** The view of a newly submitted job. Compute it before planning advances `nextRunAt`. */
export const asNewView = (job: Job): JobView => ({
  ...job,
  nextRunAt: job.scheduledAt ?? job.nextRunAt,
  nextHasRun: false,
  lastRun: null,
});

/** The fields of a job that users can change. The audit log compares them. */
export const auditedJob = (job: Job) =>
  Object.assign(inputOf(job), {
    status: job.status,
    pausedUntil: job.pausedUntil,
    pauseNote: job.pauseNote,
    pauseReason: job.pauseReason,
  });

/** The definition with some fields changed. Null resets a field to its default. */
export function changed(current: JobInput, change: Partial<JobInput>): JobInput {
  const base: Record<string, unknown> = { ...current };
  if (kindFields.some((field) => change[field] !== undefined && change[field] !== null)) {
    for (const field of kindFields) delete base[field];
    // Another step counts its times from a new start.
    if (stepOf(change) !== stepOf(current)) delete base['anchorAt'];
  }
  // A new start replaces the old anchor, from which times were counted.
  if (change.scheduledAt !== undefined) {
    if (!isSameInstant(change.scheduledAt, current.anchorAt)) delete base['startsAt'];
    delete base['anchorAt'];
  }
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  return { ...base, ...Object.fromEntries(given) } as unknown as JobInput;
}

/** Whether two definitions are equal. The order of a payload's members counts: targets get them in that order. */
export const isSameDefinition = (one: Job, other: Job): boolean =>
  canonical(inputOf(one)) === canonical(inputOf(other)) &&
  JSON.stringify(one.payload) === JSON.stringify(other.payload);

function isSameInstant(one: unknown, other: unknown): boolean {
  const [at, otherAt] = [one, other].map((text) => (typeof text === 'string' ? parseInstant(text) : null));
  return Boolean(at && otherAt && at.getTime() === otherAt.getTime());
}
