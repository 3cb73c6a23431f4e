import { Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { IdempotencyModule } from '../idempotency/idempotency.module.js';
import { UsersModule } from '../users/users.module.js';
import { CalendarsController } from './controllers/calendars.controller.js';
import { ICalendarRepository } from './interfaces/calendar-repository.js';
import { ICalendarVersions } from './interfaces/calendar-versions.js';
import { TypeormCalendarVersions } from './repositories/typeorm-calendar-versions.js';
import { TypeormCalendarRepository } from './repositories/typeorm-calendar.repository.js';
import { CalendarChanges } from './services/calendar-changes.js';
import { CalendarDays } from './services/calendar-days.js';
import { CalendarRetention } from './services/calendar-retention.js';
import { Calendars } from './services/calendars.js';

/** Needs `ICalendarUsers`, which a later feature provides globally. */
@Module({})
export class CalendarsModule {
  static of(config: Config): DynamicModule {
    return {
      module: CalendarsModule,
      imports: [IdempotencyModule, UsersModule],
      controllers: config.roles.includes('api') ? [CalendarsController] : [],
      providers: [
        CalendarChanges,
        CalendarDays,
        CalendarRetention,
        Calendars,
        { provide: ICalendarRepository, useClass: TypeormCalendarRepository },
        { provide: ICalendarVersions, useClass: TypeormCalendarVersions },
      ],
      exports: [CalendarChanges, CalendarDays, ICalendarRepository],
    };
  }
}
