import { Inject, Injectable } from '@nestjs/common';
import type { CalendarVersion } from '../../schedules/domain/blackout-calendar.js';
import { ICalendarRepository } from '../interfaces/calendar-repository.js';
import { ICalendarUsers } from '../interfaces/calendar-users.js';
import type { FollowPace } from '../interfaces/calendar-users.js';

const calendarsAtATime = 20;
/** What the request that changes a calendar does itself: most changes are in force when they are answered. */
const paceOfRequest: FollowPace = { jobs: 100, pauseMs: 0 };
/** What a round does for one calendar before it looks at the next. */
const paceOfRound: FollowPace = { jobs: 1_000, pauseMs: 10 };

/**
 * Brings changed calendars to the jobs that use them, a few jobs a transaction. Any number of processes may do so at once: row
 * locks share the work out, and what one leaves undone another finds.
 */
@Injectable()
export class CalendarChanges {
  constructor(
    @Inject(ICalendarRepository) private readonly calendars: ICalendarRepository,
    @Inject(ICalendarUsers) private readonly users: ICalendarUsers,
  ) {}

  /** The first part of a change that has just been committed. @returns whether that was all */
  begin(calendar: CalendarVersion): Promise<boolean> {
    return this.follow(calendar, paceOfRequest);
  }

  /** One round over all that are changing. What fails holds up no other. @throws the first failure */
  async round(): Promise<void> {
    const failures: unknown[] = [];
    let some: CalendarVersion[];
    let after: string | null = null;
    do {
      some = await this.calendars.changing(after, calendarsAtATime);
      for (const calendar of some)
        try {
          await this.follow(calendar, paceOfRound);
        } catch (error) {
          failures.push(error);
        }
      after = some.at(-1)?.id ?? null;
    } while (some.length === calendarsAtATime);
    if (failures.length > 0) throw failures[0];
  }

  private async follow(calendar: CalendarVersion, pace: FollowPace): Promise<boolean> {
    const isDone = await this.users.follow(calendar, pace);
    if (isDone) await this.calendars.settle(calendar);
    return isDone;
  }
}
