import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { Calendar } from '../../calendars/domain/calendar.js';
import type { CalendarVersion } from '../../schedules/domain/blackout-calendar.js';
import type { FollowPace, ICalendarUsers, JobName } from '../../calendars/interfaces/calendar-users.js';
import { ITransactionRunner } from '../../kernel/transaction.js';
import type { Transaction } from '../../kernel/transaction.js';
import type { Job } from '../domain/job.js';
import { ICalendarJobs } from '../interfaces/calendar-jobs.js';
import { IJobRepository } from '../interfaces/job-repository.js';
import { IRunPlanner } from '../interfaces/run-planner.js';
import type { PlannedRings } from '../interfaces/run-planner.js';
import { ScheduleChanges } from './schedule-changes.js';

/** Maximum number of jobs in one transaction: a short one locks no job for long at its due time. */
const maxJobsAtATime = 25;

/**
 * Puts a calendar's new version into the schedules of the jobs that use it. The rows of the jobs show which jobs remain, so any
 * process can continue after another has died. Finished jobs keep the version under which they ran.
 */
@Injectable()
export class JobCalendars implements ICalendarUsers {
  private readonly logger = new Logger(JobCalendars.name);

  constructor(
    @Inject(ICalendarJobs) private readonly calendarJobs: ICalendarJobs,
    @Inject(IJobRepository) private readonly jobs: IJobRepository,
    @Inject(IRunPlanner) private readonly planner: IRunPlanner,
    @Inject(ITransactionRunner) private readonly transactions: ITransactionRunner,
    private readonly changes: ScheduleChanges,
  ) {}

  usersOf(tx: Transaction, { id }: Calendar, limit: number): Promise<{ total: number; jobs: JobName[] }> {
    return this.calendarJobs.using(tx, id, limit);
  }

  behind(tx: Transaction | null, calendars: CalendarVersion[]): Promise<Map<string, number>> {
    return this.calendarJobs.countBehind(tx, calendars);
  }

  async follow(calendar: CalendarVersion, { jobs, pauseMs }: FollowPace): Promise<boolean> {
    const ids = await this.calendarJobs.behind(calendar, jobs);
    for (let first = 0; first < ids.length; first += maxJobsAtATime) {
      if (first > 0 && pauseMs > 0) await sleep(pauseMs);
      await this.followTogether(calendar, ids.slice(first, first + maxJobsAtATime));
    }
    return ids.length === 0 || (await this.calendarJobs.behind(calendar, 1)).length === 0;
  }

  /** A job whose schedule cannot be computed must not block the others: it gets the new version, but is not planned. */
  private async followTogether(calendar: CalendarVersion, ids: string[]): Promise<void> {
    try {
      const rings = await this.transactions.run((tx) => this.put(tx, calendar, ids));
      this.planner.ring(rings);
    } catch (error) {
      const isOfDatabase = typeof (error as { code?: unknown }).code === 'string';
      if (isOfDatabase) throw error;
      if (ids.length > 1) for (const id of ids) await this.followTogether(calendar, [id]);
      else await this.followUnplanned(calendar, ids, error);
    }
  }

  private async followUnplanned(calendar: CalendarVersion, ids: string[], error: unknown): Promise<void> {
    this.logger.warn(`Job ${ids.join()} follows the calendar ${calendar.id}, but cannot be planned: ${String(error)}`);
    await this.transactions.run(async (tx) => {
      const locked = await this.calendarJobs.lockBehind(tx, ids, calendar);
      const now = await this.jobs.now(tx);
      const changes = locked.map((job) => ({ job, next: withCalendar(job, calendar, now) }));
      await this.calendarJobs.replaceSchedules(tx, changes);
    });
  }

  private async put(tx: Transaction, calendar: CalendarVersion, ids: string[]): Promise<PlannedRings[]> {
    const locked = await this.calendarJobs.lockBehind(tx, ids, calendar);
    if (locked.length === 0) return [];
    const now = await this.jobs.now(tx);
    const planned = await this.planner.plannedAhead(
      tx,
      locked.map(({ id }) => id),
      now,
    );
    const rings: PlannedRings[] = [];
    const changes = locked.map((job) => ({ job, next: withCalendar(job, calendar, now) }));
    // A calendar does not change the nominal times. A job with no run planned after `now` therefore needs no new planning.
    const [anew, untouched] = split(changes, ({ job }) => planned.has(job.id) || isDue(job, now));
    for (const { job, next } of anew) {
      rings.push(...(await this.changes.putInForce(tx, job, next, now)));
      await this.jobs.update(tx, next, job);
    }
    await this.calendarJobs.replaceSchedules(tx, untouched);
    return rings;
  }
}

const isDue = ({ nextRunAt }: Job, now: Date): boolean => nextRunAt !== null && nextRunAt <= now;

function split<T>(all: T[], isFirst: (one: T) => boolean): [T[], T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))];
}

function withCalendar(job: Job, { id, version }: CalendarVersion, now: Date): Job {
  const calendars = job.schedule?.calendars?.map((used) => (used.id === id ? { id, version } : used));
  const schedule = job.schedule && { ...job.schedule, ...(calendars && { calendars }) };
  return { ...job, schedule, version: job.version + 1, versionSince: now, updatedAt: now };
}
