import type { JsonObject, JsonValue } from '../../kernel/json.js';
import type { Listed } from '../../kernel/listed.js';
import type { JobStatus, StoredJobStatus } from './job-status.js';
import type { Catchup, OverlapPolicy } from './policies.js';
import type { RecurringSchedule } from '../../schedules/domain/schedule.js';

export const jobTypes = ['one_time', 'recurring'] as const;
export type JobType = (typeof jobTypes)[number];

/** What to do when a worker died in the middle of an attempt: try again, or stop and let a person look. */
export const lostPolicies = ['retry', 'park'] as const;
export type LostPolicy = (typeof lostPolicies)[number];

/**
 * What pauses jobs: a person; too many failed runs in a row; a schedule that cannot be computed; that their owner's account was
 * disabled, which ends only with the account's being enabled.
 */
export const pauseReasons = ['requested', 'failures', 'schedule', 'account_disabled'] as const;
export type PauseReason = (typeof pauseReasons)[number];

/** The note of a pause whose reason is `account_disabled`. */
export const accountDisabled = "The account of the job's owner is disabled";

/** Whose jobs somebody may see or move: one user's; null is everybody's, for admins. */
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
  /** What paused it; of no meaning while it is not paused. Null where that is not known. */
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
   * Runs of the schedule that count for its `maxRuns`: those that have started, and those that are planned and still may. One
   * that ends without having started is given back.
   */
  plannedCount: number;
  /** The last instant at which this version may name a time: `maxRuns` was reached or the job was cancelled. Null: no such bound. */
  activeUntil: Date | null;
  /** Rises by one with each change of the definition. */
  version: number;
  /** Since when this version is in force. */
  versionSince: Date;
  createdAt: Date;
  updatedAt: Date;
}

/** A job's schedule as people see it: calendars by id, as they are written. */
export function shownSchedule({ schedule }: Pick<Job, 'schedule'>): object | null {
  if (!schedule?.calendars) return schedule;
  return { ...schedule, calendars: schedule.calendars.map(({ id }) => id) };
}

/** A job as people see it: with what its runs add. */
export interface JobView extends Omit<Job, 'status' | 'nextRunAt'> {
  status: JobStatus;
  /**
   * When the next run starts: the nominal time of one that waits, the due time of a retry, or the next time without a run that
   * is on no excluded day. Null when none comes, and while the job is paused.
   */
  nextRunAt: Date | null;
  /** Whether it is that of a run that is there already. */
  nextHasRun: boolean;
  /** Of the latest run that has started: its state and what came of it. */
  lastRun: LastRun | null;
}

/** A job in a list: what is too large for one is null or cut. */
export type ListedJob = Listed<Omit<JobView, 'payload'> & { payload: JsonObject | null }>;

/** A job that has just been changed. */
export interface ChangedJob extends JobView {
  /** How the change moved its times; null where it did not. */
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
  /** Text looked for in name and description, any case, taken literally. */
  search?: string;
}
