import { CalendarDays } from '../../src/calendars/services/calendar-days.js';
import { ScheduleDays } from '../../src/jobs/services/schedule-days.js';

/** For what plans or explains schedules that name no calendar. */
export const noCalendars = new ScheduleDays(
  new CalendarDays({
    read: () => Promise.resolve([]),
    prune: () => Promise.resolve({ deleted: 0, next: null }),
  }),
);
