import { Global, Module } from '@nestjs/common';
import type { DynamicModule } from '@nestjs/common';
import { CalendarsModule } from '../calendars/calendars.module.js';
import { ICalendarUsers } from '../calendars/interfaces/calendar-users.js';
import type { Config } from '../config/config.js';
import { IdempotencyModule } from '../idempotency/idempotency.module.js';
import { ILiveJobs } from '../quotas/interfaces/live-jobs.js';
import { IOwnedWork } from '../users/interfaces/owned-work.js';
import { AdminJobController } from './controllers/admin-job.controller.js';
import { AdminJobsController } from './controllers/admin-jobs.controller.js';
import { JobMovesController } from './controllers/job-moves.controller.js';
import { JobsController } from './controllers/jobs.controller.js';
import { SchedulesController } from './controllers/schedules.controller.js';
import { JobBodies } from './dto/job-bodies.js';
import { ICalendarJobs } from './interfaces/calendar-jobs.js';
import { IJobOwners } from './interfaces/job-owners.js';
import { ILiveJobPlaces } from './interfaces/live-job-places.js';
import { IJobPlans, IJobRepository } from './interfaces/job-repository.js';
import { TypeormCalendarJobs } from './repositories/typeorm-calendar-jobs.js';
import { TypeormJobOwners } from './repositories/typeorm-job-owners.js';
import { TypeormJobPlans } from './repositories/typeorm-job-plans.js';
import { TypeormJobRepository } from './repositories/typeorm-job.repository.js';
import { TypeormLiveJobPlaces } from './repositories/typeorm-live-job-places.js';
import { JobCalendars } from './services/job-calendars.js';
import { JobChanges } from './services/job-changes.js';
import { JobDefinitions } from './services/job-definitions.js';
import { JobLifecycle } from './services/job-lifecycle.js';
import { JobOwnership } from './services/job-ownership.js';
import { JobQueries } from './services/job-queries.js';
import { JobViews } from './services/job-views.js';
import { JobSuspensions } from './services/job-suspensions.js';
import { JobSubmissions } from './services/job-submissions.js';
import { SubmissionGroups } from './services/submission-groups.js';
import { LiveJobQuota } from './services/live-job-quota.js';
import { ScheduleChanges } from './services/schedule-changes.js';
import { ScheduleDays } from './services/schedule-days.js';
import { SchedulePreviews } from './services/schedule-previews.js';
import { ScheduleReader } from './services/schedule-reader.js';

/**
 * Needs `IRunPlanner` and `IHandlerCatalogue`, which later features provide globally. Provides `ICalendarUsers` for calendars,
 * `IOwnedWork` for users, and `ILiveJobs` for quotas.
 */
@Global()
@Module({})
export class JobsModule {
  static of(config: Config): DynamicModule {
    return {
      module: JobsModule,
      imports: [IdempotencyModule, CalendarsModule.of(config)],
      controllers: config.roles.includes('api')
        ? [JobsController, JobMovesController, SchedulesController, AdminJobsController, AdminJobController]
        : [],
      providers: [
        JobChanges,
        JobDefinitions,
        JobLifecycle,
        JobOwnership,
        JobQueries,
        JobViews,
        JobSuspensions,
        ...(config.roles.includes('api') ? [JobBodies, JobSubmissions, SubmissionGroups, LiveJobQuota] : []),
        ScheduleChanges,
        ScheduleDays,
        SchedulePreviews,
        ScheduleReader,
        { provide: ICalendarUsers, useClass: JobCalendars },
        { provide: ICalendarJobs, useClass: TypeormCalendarJobs },
        { provide: IOwnedWork, useExisting: JobOwnership },
        { provide: IJobOwners, useClass: TypeormJobOwners },
        { provide: IJobRepository, useClass: TypeormJobRepository },
        TypeormLiveJobPlaces,
        { provide: ILiveJobPlaces, useExisting: TypeormLiveJobPlaces },
        { provide: ILiveJobs, useExisting: TypeormLiveJobPlaces },
        { provide: IJobPlans, useClass: TypeormJobPlans },
      ],
      exports: [
        CalendarsModule,
        ScheduleDays,
        ICalendarUsers,
        ILiveJobs,
        IOwnedWork,
        IJobRepository,
        IJobPlans,
        JobDefinitions,
        JobQueries,
        JobViews,
        JobLifecycle,
        JobSuspensions,
      ],
    };
  }
}
