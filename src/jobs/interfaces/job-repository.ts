import type { Page, PageRequest } from '../../kernel/page.js';
import type { Transaction } from '../../kernel/transaction.js';
import type { Job, JobFilter, JobView, ListedJob, OwnedBy } from '../domain/job.js';
import type { StoredJobStatus } from '../domain/job-status.js';
import type { RecurringSchedule } from '../../schedules/domain/schedule.js';

/**
 * A version of a recurring job's schedule and when it was in force: it names times strictly after `validFrom` and up to
 * `validTo`. `validTo` is null for the current one, unless the job names no more times.
 */
export interface ScheduleVersion<Schedule = RecurringSchedule> {
  version: number;
  schedule: Schedule;
  validFrom: Date;
  validTo: Date | null;
}

/**
 * Stores jobs. Each read names the owner: a job of another owner is treated as one that does not exist. Null reads the jobs of all
 * owners, and only requests of admins use it.
 * Writes run in the caller's transaction; others see them when it commits.
 */
export interface IJobRepository {
  /** The time of the database's clock, which decides what is due. @param tx null reads it outside a transaction */
  now(tx: Transaction | null): Promise<Date>;

  /** `ITransactionRunner.atOnce` may run it. */
  insert(tx: Transaction, jobs: Job[]): Promise<void>;

  /** @param tx the transaction that has locked the job, to read its uncommitted state; without it, the committed state */
  find(id: string, userId: OwnedBy, tx?: Transaction): Promise<JobView | null>;
  findMany(ids: string[], userId: string): Promise<JobView[]>;

  /** Newest first; large fields are cut. */
  list(userId: OwnedBy, filter: JobFilter, page: PageRequest): Promise<Page<ListedJob>>;

  /** Reads the job and locks it against changes by others until the transaction ends. */
  lock(tx: Transaction, id: string, userId: OwnedBy): Promise<Job | null>;

  /** Writes all changeable fields of a locked job, and stores the schedule version that it replaces. */
  update(tx: Transaction, job: Job, replaced?: Job): Promise<void>;

  delete(tx: Transaction, id: string): Promise<void>;

  /** Versions of a recurring job's schedule, oldest first. */
  versions(id: string): Promise<ScheduleVersion[]>;
}
export const IJobRepository = Symbol('IJobRepository');

/** How far a job has been planned. */
export type PlannedUntil = Pick<Job, 'id' | 'nextRunAt' | 'plannedCount' | 'activeUntil'>;

/** Limits, in ms from now, for the next time without a row: jobs whose time is nearer need planning. */
export interface PlanningWindow {
  withinMs: number;
  /** For a nearer time, planning no longer waits for a run that is about to start. */
  urgentMs: number;
}

/** A run is about to start from `before` ms before until `after` ms after its due time. */
export const aboutToStartMs = { before: 250, after: 100 };

/** The recurring jobs whose times must be planned. Only the engine uses this port, for the jobs of all owners. */
export interface IJobPlans {
  /**
   * Locks up to `limit` pending jobs whose next time lies within the window, soonest first. Leaves out jobs that others have
   * locked. A run cannot start while its job is locked, so a job with a run that is about to start ({@link aboutToStartMs}) is left
   * out too, unless its next time is urgent.
   */
  lockDue(tx: Transaction, window: PlanningWindow, limit: number): Promise<Job[]>;

  /** Writes how far each job has been planned. */
  advance(tx: Transaction, plans: PlannedUntil[]): Promise<void>;

  /**
   * Extends each pause that has run out while its owner's account is disabled until the account is enabled. Its note becomes
   * `note`, and its reason `account_disabled`. @returns the number of extended pauses
   */
  keepPaused(note: string): Promise<number>;

  /** Locks up to `limit` paused jobs whose pause has run out and whose owner's account is enabled. */
  lockResumable(tx: Transaction, limit: number): Promise<Job[]>;

  /** Pauses a recurring job whose schedule cannot be computed, so that it is not planned. */
  pauseBroken(jobId: string, note: string): Promise<void>;

  /** Pauses the job if its last `pauseAfterFailures` runs have all failed. @returns whether it did */
  pauseIfFailing(jobId: string): Promise<boolean>;

  /** Completes pending recurring jobs with no time left to plan, no unfinished run and no running backfill. @returns their number */
  completeExhausted(): Promise<number>;

  setStatus(tx: Transaction, jobId: string, status: StoredJobStatus): Promise<void>;
}
export const IJobPlans = Symbol('IJobPlans');
