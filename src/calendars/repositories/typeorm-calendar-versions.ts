import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { smallestId } from '../../database/id-sql.js';
import { entityManagerOf } from '../../database/typeorm-transaction-runner.js';
import type { PruneStep } from '../../kernel/retention.js';
import type { Transaction } from '../../kernel/transaction.js';
import type { BlackoutCalendar, CalendarVersion } from '../../schedules/domain/blackout-calendar.js';
import type { ICalendarVersions } from '../interfaces/calendar-versions.js';

/** Calendars that one statement reads: at 26 kB each, an answer of half a megabyte. */
const readAtATime = 20;

/** Whether a schedule of the table names the version `v`: by the table's index of calendars. */
const isNamedIn = (table: string): string => `EXISTS (
  SELECT FROM ${table} t WHERE t.schedule ? 'calendars'
    AND t.schedule -> 'calendars' @> jsonb_build_array(jsonb_build_object('id', v.calendar_id::text, 'version', v.version)))`;

@Injectable()
export class TypeormCalendarVersions implements ICalendarVersions {
  constructor(private readonly dataSource: DataSource) {}

  async read(tx: Transaction | null, versions: CalendarVersion[]): Promise<BlackoutCalendar[]> {
    const manager = tx ? entityManagerOf(tx) : this.dataSource.manager;
    const found: BlackoutCalendar[] = [];
    for (let first = 0; first < versions.length; first += readAtATime) {
      const some = versions.slice(first, first + readAtATime);
      found.push(
        ...(await manager.query<BlackoutCalendar[]>(
          `SELECT v.calendar_id AS id, v.version, v.name, v.days
           FROM unnest($1::uuid[], $2::integer[]) AS asked (id, version)
           JOIN calendar_versions v ON v.calendar_id = asked.id AND v.version = asked.version`,
          [some.map(({ id }) => id), some.map(({ version }) => version)],
        )),
      );
    }
    return found;
  }

  async prune(after: string | null, limit: number): Promise<PruneStep> {
    const [afterId, afterVersion] = after?.split(' ') ?? [smallestId, 0];
    const [step] = await this.dataSource.query<[PruneStep]>(
      `WITH slice AS MATERIALIZED (
         SELECT calendar_id, version FROM calendar_versions
         WHERE (calendar_id, version) > ($1::uuid, $2::integer) ORDER BY calendar_id, version LIMIT $3
       ), gone AS (
         DELETE FROM calendar_versions v USING slice
         WHERE v.calendar_id = slice.calendar_id AND v.version = slice.version
           AND v.created_at < clock_timestamp() - interval '1 hour'
           AND NOT EXISTS (SELECT FROM calendars c WHERE c.id = v.calendar_id AND c.version = v.version)
           AND NOT (${['jobs', 'job_versions', 'backfills'].map(isNamedIn).join(' OR ')})
         RETURNING v.version
       )
       SELECT (SELECT count(*) FROM gone)::integer AS deleted,
              (SELECT format('%s %s', calendar_id, version) FROM slice
               ORDER BY calendar_id, version OFFSET $3 - 1 LIMIT 1) AS next`,
      [afterId, afterVersion, limit],
    );
    return step;
  }
}
