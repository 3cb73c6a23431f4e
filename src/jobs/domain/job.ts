import type { JsonObject, JsonValue } from '../../kernel/json.js';
import type { Listed } from '../../kernel/listed.js';
import type { JobStatus, StoredJobStatus } from './job-status.js';
import type { Catchup, OverlapPolicy } from './policies.js';
import type { RecurringSchedule } from '../../schedules/domain/schedule.js';

export const jobTypes = ['one_time', 'recurring'] as const;
export type JobType = (typeof jobTypes)[number];

/** What to do after a lost attempt, whose worker died: try again, or stop until a person decides. */
export const lostPolicies = ['retry', 'park'] as const;
export type LostPolicy = (typeof lostPolicies)[number];

/**
 * Why a job is paused: a request; too many failed runs in a row; a schedule that cannot be computed; a disabled account of its
 * owner. The last pause ends only when the account is enabled.
 */
export const pauseReasons = ['requested', 'failures', 'schedule', 'account_disabled'] as const;
export type PauseReason = (typeof pauseReasons)[number];

/** The note of a pause whose reason is `account_disabled`. */
export const accountDisabled = "The account of the job's owner is disabled";

/** The owner whose jobs a request may read or change; null means all owners, for admins. */
export type OwnedBy = string | null;

/** What a user defined: a handler, a payload, a schedule, policies. */
export interface Job {
  id: string;
  userId: string;
  name: string;
  description: string | null;
  type: JobType;
  handler: string;
  payload: JsonObject;
  status: StoredJobStatus;
  /** The nominal time of a one-time job; null for a recurring one. */
  scheduledAt: Date | null;
  /** When a recurring job runs; null for a one-time one. */
  schedule: RecurringSchedule | null;
  /** IANA zone in which a one-time job's local `scheduledAt` was read; null where an offset was given. */
  timezone: string | null;
  /** The local date-time that a one-time job's `scheduledAt` was given as; null where it had an offset. */
  scheduledLocal: string | null;
  overlapPolicy: OverlapPolicy;
  catchup: Catchup;
  /** Pause after this many failed runs in a row; null never does. */
  pauseAfterFailures: number | null;
  pausedAt: Date | null;
  /** When the pause ends by itself; null waits for a person. */
  pausedUntil: Date | null;
  pauseNote: string | null;
  /** Why the job is paused; null when unknown. Has no meaning while the job is not paused. */
  pauseReason: PauseReason | null;
  /** Attempts after the first. */
  maxRetries: number;
  /** Base delay of the backoff in ms; null takes the configured one. */
  retryDelayMs: number | null;
  /** Time limit of one attempt in ms; null takes the configured one. */
  timeoutMs: number | null;
  /** Null takes the handler's default. */
  onLost: LostPolicy | null;
  /** Null takes the configured default. */
  notifyOnFailure: boolean | null;
  /** The next nominal time that has no run row yet; null where none is left (or for a one-time job). */
  nextRunAt: Date | null;
  /**
   * Runs of the schedule that count for its `maxRuns`: runs that have started, and planned runs that still can. A run that ends
   * without a start no longer counts.
   */
  plannedCount: number;
  /** The last instant at which this version may name a time, because `maxRuns` was reached or the job was cancelled. Null is no bound. */
  activeUntil: Date | null;
  /** Rises by one with each change of the definition. */
  version: number;
  /** Since when this version is in force. */
  versionSince: Date;
  createdAt: Date;
  updatedAt: Date;
}

/** A job's schedule as users write it: with calendars by id. */
export function shownSchedule({ schedule }: Pick<Job, 'schedule'>): object | null {
  if (!schedule?.calendars) return schedule;
  return { ...schedule, calendars: schedule.calendars.map(({ id }) => id) };
}

/** A job as users see it: with the data from its runs. */
export interface JobView extends Omit<Job, 'status' | 'nextRunAt'> {
  status: JobStatus;
  /**
   * When the next run starts: the nominal time of a waiting run, the due time of a retry, or the next time without a run that is on
   * no excluded day. Null when no time remains, and while the job is paused.
   */
  nextRunAt: Date | null;
  /** Whether `nextRunAt` belongs to a run that has a row. */
  nextHasRun: boolean;
  /** State and outcome of the latest run that has started. */
  lastRun: LastRun | null;
}

/** A job in a list: fields that are too large for a list are null or cut. */
export type ListedJob = Listed<Omit<JobView, 'payload'> & { payload: JsonObject | null }>;

/** A job as the answer to a change shows it. */
export interface ChangedJob extends JobView {
  /** How the change moved the job's times; null when it moved none. */
  scheduleNote: string | null;
}

export interface LastRun {
  id: string;
  state: string;
  nominalAt: Date;
  startedAt: Date;
  endedAt: Date | null;
  attempts: number;
  errorMessage: string | null;
  result: JsonValue;
}

/** Which jobs a list shows. */
export interface JobFilter {
  status?: JobStatus;
  type?: JobType;
  handler?: string;
  /** Created at or after. */
  fromDate?: Date;
  /** Created at or before. */
  toDate?: Date;
  /** Literal text to find in name and description; case does not matter. */
  search?: string;
}
