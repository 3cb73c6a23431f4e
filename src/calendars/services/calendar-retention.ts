import { Inject, Injectable } from '@nestjs/common';
import { Prunables } from '../../kernel/retention.js';
import { ICalendarVersions } from '../interfaces/calendar-versions.js';

/** Says that versions of calendars go which no schedule names any more, neither one in force nor one that history needs. */
@Injectable()
export class CalendarRetention {
  constructor(@Inject(Prunables) prunables: Prunables, @Inject(ICalendarVersions) versions: ICalendarVersions) {
    prunables.register({
      name: 'calendar_versions',
      prune: (after, limit) => versions.prune(after, limit),
    });
  }
}
