import { Injectable } from '@nestjs/common';
import { DataSource, QueryFailedError } from 'typeorm';
import { smallestId } from '../../database/id-sql.js';
import { entityManagerOf } from '../../database/typeorm-transaction-runner.js';
import { conflict } from '../../kernel/errors.js';
import { pageOf } from '../../kernel/page.js';
import type { Page, PageRequest } from '../../kernel/page.js';
import type { Transaction } from '../../kernel/transaction.js';
import { maxListedDays } from '../domain/calendar.js';
import type { Calendar, ListedCalendar } from '../domain/calendar.js';
import type { CalendarVersion } from '../../schedules/domain/blackout-calendar.js';
import { CalendarEntity } from '../entities/calendar.entity.js';
import { CalendarVersionEntity } from '../entities/calendar-version.entity.js';
import type { ICalendarRepository } from '../interfaces/calendar-repository.js';

const uniqueViolation = '23505';

@Injectable()
export class TypeormCalendarRepository implements ICalendarRepository {
  constructor(private readonly dataSource: DataSource) {}

  async now(tx: Transaction): Promise<Date> {
    const [row] = await entityManagerOf(tx).query<[{ now: Date }]>('SELECT clock_timestamp() AS now');
    return row.now;
  }

  async insert(tx: Transaction, calendar: Calendar): Promise<void> {
    await refusingTaken(calendar, () => entityManagerOf(tx).insert(CalendarEntity, calendar));
    await keepVersion(tx, calendar);
  }

  count(tx: Transaction, userId: string): Promise<number> {
    return entityManagerOf(tx).countBy(CalendarEntity, { userId });
  }

  find(id: string, userId: string): Promise<Calendar | null> {
    return this.dataSource.manager.findOneBy(CalendarEntity, { id, userId });
  }

  async list(userId: string, page: PageRequest): Promise<Page<ListedCalendar>> {
    const [rows, total] = await Promise.all([
      this.dataSource.query<ListedCalendar[]>(
        `SELECT id, user_id AS "userId", name, jsonb_path_query_array(days, '$[0 to ${maxListedDays - 1}]') AS days, version,
                changing, created_at AS "createdAt", updated_at AS "updatedAt",
                CASE WHEN jsonb_array_length(days) > ${maxListedDays} THEN '{days}' ELSE '{}' END::text[] AS truncated
         FROM calendars WHERE user_id = $1 ORDER BY name LIMIT $2 OFFSET $3`,
        [userId, page.limit, (page.page - 1) * page.limit],
      ),
      this.dataSource.manager.countBy(CalendarEntity, { userId }),
    ]);
    return pageOf(rows, total, page);
  }

  hold(tx: Transaction, ids: string[], userId: string): Promise<CalendarVersion[]> {
    return entityManagerOf(tx).query<CalendarVersion[]>(
      `SELECT id, version FROM calendars WHERE id = ANY ($1::uuid[]) AND user_id = $2 ORDER BY id FOR SHARE`,
      [ids, userId],
    );
  }

  lock(tx: Transaction, id: string, userId: string): Promise<Calendar | null> {
    return entityManagerOf(tx).findOne(CalendarEntity, {
      where: { id, userId },
      lock: { mode: 'pessimistic_write' },
    });
  }

  changing(after: string | null, limit: number): Promise<CalendarVersion[]> {
    return this.dataSource.query<CalendarVersion[]>(
      `SELECT id, version FROM calendars WHERE changing AND id > $1 ORDER BY id LIMIT $2`,
      [after ?? smallestId, limit],
    );
  }

  async settle({ id, version }: CalendarVersion): Promise<void> {
    await this.dataSource.manager.update(CalendarEntity, { id, version }, { changing: false });
  }

  async update(tx: Transaction, calendar: Calendar): Promise<void> {
    const { id, createdAt: _createdAt, ...changeable } = calendar;
    await refusingTaken(changeable, () => entityManagerOf(tx).update(CalendarEntity, { id }, changeable));
    await keepVersion(tx, calendar);
  }

  async delete(tx: Transaction, id: string): Promise<void> {
    await entityManagerOf(tx).delete(CalendarEntity, { id });
  }
}

async function keepVersion(tx: Transaction, { id, version, name, days, updatedAt }: Calendar): Promise<void> {
  const kept = { calendarId: id, version, name, days, createdAt: updatedAt };
  await entityManagerOf(tx).insert(CalendarVersionEntity, kept);
}

async function refusingTaken({ name }: { name: string }, write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (error instanceof QueryFailedError && (error.driverError as { code?: string }).code === uniqueViolation)
      throw conflict('CALENDAR_NAME_TAKEN', `You have a calendar "${name}" already.`);
    throw error;
  }
}
