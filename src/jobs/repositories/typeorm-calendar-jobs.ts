import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { CalendarVersion } from '../../schedules/domain/blackout-calendar.js';
import type { JobName } from '../../calendars/interfaces/calendar-users.js';
import { entityManagerOf } from '../../database/typeorm-transaction-runner.js';
import type { Transaction } from '../../kernel/transaction.js';
import type { Job } from '../domain/job.js';
import type { FollowingJob, ICalendarJobs } from '../interfaces/calendar-jobs.js';
import { jobColumns } from './job-sql.js';

/** Condition and expression of the index `jobs_by_calendar`, so that PostgreSQL uses it. @param id SQL of a text */
const usesCalendar = (id: string) => `
  j.schedule ? 'calendars' AND j.schedule -> 'calendars' @> jsonb_build_array(jsonb_build_object('id', ${id}))
  AND j.status IN ('pending', 'paused')`;
/** Compares with `<`, not `<>`: a process that still has an older version must not replace a newer one. */
const isBehindCalendar = (id: string, version: string) => `
  ${usesCalendar(id)}
  AND EXISTS (
    SELECT FROM jsonb_array_elements(j.schedule -> 'calendars') AS named
    WHERE named ->> 'id' = ${id} AND (named ->> 'version')::integer < ${version})`;

const uses = usesCalendar('$1::text');
const isBehind = isBehindCalendar('$1::text', '$2::integer');

@Injectable()
export class TypeormCalendarJobs implements ICalendarJobs {
  constructor(private readonly dataSource: DataSource) {}

  async using(tx: Transaction, calendarId: string, limit: number): Promise<{ total: number; jobs: JobName[] }> {
    const manager = entityManagerOf(tx);
    const [counted] = await manager.query<[{ total: number }]>(
      `SELECT count(*)::integer AS total FROM jobs j WHERE ${uses}`,
      [calendarId],
    );
    const jobs = await manager.query<JobName[]>(
      `SELECT j.id, j.name FROM jobs j WHERE ${uses} ORDER BY j.name, j.id LIMIT $2`,
      [calendarId, limit],
    );
    return { total: counted.total, jobs };
  }

  async behind({ id, version }: CalendarVersion, limit: number): Promise<string[]> {
    const rows = await this.dataSource.query<{ id: string }[]>(
      `SELECT j.id FROM jobs j WHERE ${isBehind} ORDER BY j.next_run_at, j.id LIMIT $3`,
      [id, version, limit],
    );
    return rows.map((row) => row.id);
  }

  async countBehind(tx: Transaction | null, calendars: CalendarVersion[]): Promise<Map<string, number>> {
    const manager = tx ? entityManagerOf(tx) : this.dataSource.manager;
    const rows = await manager.query<{ id: string; total: number }[]>(
      `SELECT c.id, counted.total FROM unnest($1::text[], $2::integer[]) AS c (id, version)
       CROSS JOIN LATERAL (
         SELECT count(*)::integer AS total FROM jobs j WHERE ${isBehindCalendar('c.id', 'c.version')}) counted`,
      [calendars.map(({ id }) => id), calendars.map(({ version }) => version)],
    );
    return new Map(rows.map(({ id, total }) => [id, total]));
  }

  lockBehind(tx: Transaction, ids: string[], { id, version }: CalendarVersion): Promise<Job[]> {
    return entityManagerOf(tx).query<Job[]>(
      `SELECT ${jobColumns} FROM jobs j
       WHERE j.id = ANY ($3::uuid[]) AND ${isBehind}
         AND EXISTS (SELECT FROM calendars c WHERE c.id = $1::uuid AND c.version = $2::integer)
       ORDER BY j.id
       FOR NO KEY UPDATE SKIP LOCKED`,
      [id, version, ids],
    );
  }

  async replaceSchedules(tx: Transaction, changes: FollowingJob[]): Promise<void> {
    if (changes.length === 0) return;
    await entityManagerOf(tx).query(
      `WITH changed AS (
         SELECT * FROM unnest($1::uuid[], $2::jsonb[], $3::integer[], $4::timestamptz[]) AS c (id, schedule, version, since)
       ), kept AS (
         INSERT INTO job_versions (job_id, version, schedule, valid_from, valid_to)
         SELECT j.id, j.version, j.schedule, j.version_since, least(j.active_until, c.since)
         FROM jobs j JOIN changed c ON c.id = j.id
       )
       UPDATE jobs j SET schedule = c.schedule, version = c.version, version_since = c.since, updated_at = c.since
       FROM changed c WHERE j.id = c.id`,
      [
        changes.map(({ next }) => next.id),
        changes.map(({ next }) => JSON.stringify(next.schedule)),
        changes.map(({ next }) => next.version),
        changes.map(({ next }) => next.versionSince),
      ],
    );
  }
}
