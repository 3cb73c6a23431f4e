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
 * Jobs as rows. Reading is always by owner: what belongs to somebody else is as absent as what does not exist. Null asks for
 * everybody's: for admins, and for nobody else.
 * Writes take the caller's transaction; they are seen by others when it commits.
 */
export interface IJobRepository {
  /** The database's clock: the one that decides what is due. @param tx null: asked outside of a transaction */
  now(tx: Transaction | null): Promise<Date>;

  /** Also in a transaction that is sent at once. */
  insert(tx: Transaction, jobs: Job[]): Promise<void>;

  /** @param tx the transaction in which the job is locked, to see it as it is there; none: as all see it */
  find(id: string, userId: OwnedBy, tx?: Transaction): Promise<JobView | null>;
  findMany(ids: string[], userId: string): Promise<JobView[]>;

  /** Newest first, each with a bound in bytes. */
  list(userId: OwnedBy, filter: JobFilter, page: PageRequest): Promise<Page<ListedJob>>;

  /** Reads the job and keeps it from being changed by others until the transaction ends. */
  lock(tx: Transaction, id: string, userId: OwnedBy): Promise<Job | null>;

  /** Writes all that may change of a job that is locked. A replaced schedule version is kept. */
  update(tx: Transaction, job: Job, replaced?: Job): Promise<void>;

  delete(tx: Transaction, id: string): Promise<void>;

  /** Versions of a recurring job's schedule, oldest first. */
  versions(id: string): Promise<ScheduleVersion[]>;
}
export const IJobRepository = Symbol('IJobRepository');

/** How far a job has been planned. */
export type PlannedUntil = Pick<Job, 'id' | 'nextRunAt' | 'plannedCount' | 'activeUntil'>;

/** Which jobs need planning, by when their next time without a row comes, in ms from now. */
export interface PlanningWindow {
  withinMs: number;
  /** From here on planning no longer makes way for a start. */
  urgentMs: number;
}

/** A run is about to start from so many ms before it is due until so many ms after that. */
export const aboutToStartMs = { before: 250, after: 100 };

/** The recurring jobs whose times must be planned: what the ticker works on. No user asks for these. */
export interface IJobPlans {
  /**
   * Locks up to `limit` pending jobs whose next time comes within the window, soonest first. Jobs that others have locked are
   * left to them. A run cannot start while its job is locked: a job with a run that is about to start
   * ({@link aboutToStartMs}) is left for a later round, unless its next time is urgent.
   */
  lockDue(tx: Transaction, window: PlanningWindow, limit: number): Promise<Job[]>;

  /** Writes how far each has been planned. */
  advance(tx: Transaction, plans: PlannedUntil[]): Promise<void>;

  /**
   * A pause that has run out while its owner's account is disabled goes on until that is enabled: with `note`, and that as its
   * reason. @returns how many
   */
  keepPaused(note: string): Promise<number>;

  /** Locks up to `limit` paused jobs whose pause has run out, and whose owner's account is not disabled. */
  lockResumable(tx: Transaction, limit: number): Promise<Job[]>;

  /** Takes the recurring job out of planning because its schedule cannot be computed. */
  pauseBroken(jobId: string, note: string): Promise<void>;

  /** Pauses the job if its last `pauseAfterFailures` runs have all failed. @returns whether it did */
  pauseIfFailing(jobId: string): Promise<boolean>;

  /** Ends pending recurring jobs that have no time left to plan, no run left to end and no backfill under way. @returns how many */
  completeExhausted(): Promise<number>;

  setStatus(tx: Transaction, jobId: string, status: StoredJobStatus): Promise<void>;
}
export const IJobPlans = Symbol('IJobPlans');
