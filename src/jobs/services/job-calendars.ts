import { Inject, Injectable } from '@nestjs/common';
import type { Calendar } from '../../calendars/domain/calendar.js';
import type { ICalendarUsers, JobName } from '../../calendars/interfaces/calendar-users.js';
import type { Transaction } from '../../kernel/transaction.js';
import type { Job } from '../domain/job.js';
import { IJobRepository } from '../interfaces/job-repository.js';
import { IRunPlanner } from '../interfaces/run-planner.js';
import type { PlannedRings } from '../interfaces/run-planner.js';
import { ScheduleChanges } from './schedule-changes.js';

/** Takes a calendar's new days into the schedules of the jobs that use it. Finished jobs keep what they ran under. */
@Injectable()
export class JobCalendars implements ICalendarUsers {
  constructor(
    @Inject(IJobRepository) private readonly jobs: IJobRepository,
    @Inject(IRunPlanner) private readonly planner: IRunPlanner,
    private readonly changes: ScheduleChanges,
  ) {}

  async usersOf(tx: Transaction, { id, userId }: Calendar, limit: number): Promise<{ total: number; jobs: JobName[] }> {
    const using = await this.jobs.lockByCalendar(tx, id, userId);
    const named = using.map((job) => ({ id: job.id, name: job.name })).sort((a, b) => (a.name < b.name ? -1 : 1));
    return { total: named.length, jobs: named.slice(0, limit) };
  }

  async calendarChanged(tx: Transaction, calendar: Calendar, now: Date): Promise<() => void> {
    const rings: PlannedRings[] = [];
    for (const job of await this.jobs.lockByCalendar(tx, calendar.id, calendar.userId)) {
      const next = withCalendar(job, calendar, now);
      rings.push(...(await this.changes.putInForce(tx, job, next, now)));
      await this.jobs.update(tx, next, job);
    }
    return () => this.planner.ring(rings);
  }
}

function withCalendar(job: Job, { id, name, days }: Calendar, now: Date): Job {
  const calendars = job.schedule?.calendars?.map((used) => (used.id === id ? { id, name, days } : used));
  const schedule = job.schedule && { ...job.schedule, ...(calendars && { calendars }) };
  return { ...job, schedule, version: job.version + 1, versionSince: now, updatedAt: now };
}
