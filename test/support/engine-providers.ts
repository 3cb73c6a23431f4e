import type { Provider } from '@nestjs/common';
import { IAuditTrail } from '../../src/audit/interfaces/audit-trail.js';
import { ScheduleDays } from '../../src/jobs/services/schedule-days.js';
import { noCalendars } from './no-calendars.js';
import { ICalendarRepository } from '../../src/calendars/interfaces/calendar-repository.js';
import { Config } from '../../src/config/config.js';
import { IIdempotencyStore } from '../../src/idempotency/interfaces/idempotency-store.js';
import { Idempotency } from '../../src/idempotency/services/idempotency.js';
import { IHandlerCatalogue } from '../../src/jobs/interfaces/handler-catalogue.js';
import { IJobPlans, IJobRepository } from '../../src/jobs/interfaces/job-repository.js';
import { ILiveJobPlaces } from '../../src/jobs/interfaces/live-job-places.js';
import { IRunPlanner } from '../../src/jobs/interfaces/run-planner.js';
import { JobChanges } from '../../src/jobs/services/job-changes.js';
import { JobDefinitions } from '../../src/jobs/services/job-definitions.js';
import { IJobOwners } from '../../src/jobs/interfaces/job-owners.js';
import { JobLifecycle } from '../../src/jobs/services/job-lifecycle.js';
import { JobSubmissions } from '../../src/jobs/services/job-submissions.js';
import { JobViews } from '../../src/jobs/services/job-views.js';
import { SubmissionGroups } from '../../src/jobs/services/submission-groups.js';
import { LiveJobQuota } from '../../src/jobs/services/live-job-quota.js';
import { ScheduleChanges } from '../../src/jobs/services/schedule-changes.js';
import { ScheduleReader } from '../../src/jobs/services/schedule-reader.js';
import { IClock } from '../../src/kernel/clock.js';
import { ITransactionRunner } from '../../src/kernel/transaction.js';
import { IRateLimiter } from '../../src/limits/interfaces/rate-limiter.js';
import { IQuotaRepository } from '../../src/quotas/interfaces/quota-repository.js';
import { PayloadQuotaService } from '../../src/quotas/services/payload-quota.service.js';
import { QuotasService } from '../../src/quotas/services/quotas.service.js';
import { SubmissionQuotaService } from '../../src/quotas/services/submission-quota.service.js';
import { IJobExecutor } from '../../src/runs/execution/interfaces/job-executor.js';
import { IJobLogReader, IJobLogger } from '../../src/runs/interfaces/job-logger.js';
import { IJobScheduler } from '../../src/runs/dispatch/interfaces/job-scheduler.js';
import { IRunGates } from '../../src/runs/execution/interfaces/run-gates.js';
import { IRunLeases } from '../../src/runs/execution/interfaces/run-leases.js';
import { IRunMetrics } from '../../src/runs/interfaces/run-metrics.js';
import { IRunRepository } from '../../src/runs/interfaces/run-repository.js';
import { IOwedDoorbells } from '../../src/runs/dispatch/interfaces/owed-doorbells.js';
import { IWorkerNudges } from '../../src/runs/interfaces/worker-nudges.js';
import { SettlementFollowUp } from '../../src/runs/execution/services/settlement-follow-up.js';
import { AttemptRunner } from '../../src/runs/execution/services/attempt-runner.js';
import { PendingStarts } from '../../src/runs/services/pending-starts.js';
import { OwedDoorbellRinger } from '../../src/runs/dispatch/services/owed-doorbell-ringer.js';
import { DirectStarts } from '../../src/runs/dispatch/services/direct-starts.js';
import { LateStartCheck } from '../../src/runs/execution/services/late-start-check.js';
import { LeaseKeeper } from '../../src/runs/execution/services/lease-keeper.js';
import { Recoverer } from '../../src/runs/recovery/services/recoverer.js';
import { DoorbellDispatcher } from '../../src/runs/dispatch/services/doorbell-dispatcher.js';
import { RunLogs } from '../../src/runs/execution/services/run-logs.js';
import { RunPlanner } from '../../src/runs/planning/services/run-planner.js';
import { RunQueries } from '../../src/runs/services/run-queries.js';
import { RunWorker } from '../../src/runs/execution/services/run-worker.js';
import { Settler } from '../../src/runs/execution/services/settler.js';
import { StartGate } from '../../src/runs/execution/services/start-gate.js';
import { Triggers } from '../../src/runs/services/triggers.js';
import { Ticker } from '../../src/runs/planning/services/ticker.js';
import { ISecretRepository } from '../../src/secrets/interfaces/secret-repository.js';
import { PayloadSecrets } from '../../src/secrets/services/payload-secrets.js';
import type { Ground } from '../contracts/ground.js';
import type { FixedClock } from './fixed-clock.js';
import { silentTrail } from './in-memory/audit.js';
import { InMemoryQuotaRepository } from './in-memory/quotas.js';
import { InMemorySecrets } from './in-memory/secrets.js';

/** The real services that take jobs in, plan, ring and recover. */
export const officeServices: Provider[] = [
  SettlementFollowUp,
  PendingStarts,
  OwedDoorbellRinger,
  DirectStarts,
  Idempotency,
  JobChanges,
  JobDefinitions,
  JobLifecycle,
  JobSubmissions,
  JobViews,
  SubmissionGroups,
  LiveJobQuota,
  PayloadQuotaService,
  PayloadSecrets,
  QuotasService,
  Recoverer,
  DoorbellDispatcher,
  RunQueries,
  ScheduleChanges,
  ScheduleReader,
  SubmissionQuotaService,
  Ticker,
  Triggers,
  { provide: IRunPlanner, useClass: RunPlanner },
];

/** The real services of one worker process. */
export const workerServices: Provider[] = [
  SettlementFollowUp,
  AttemptRunner,
  DirectStarts,
  LateStartCheck,
  LeaseKeeper,
  DoorbellDispatcher,
  RunLogs,
  RunWorker,
  Settler,
  StartGate,
];

const nothing = (): void => undefined;

/** Counts nothing, whatever there is to count. It must not look like a promise: Nest would wait for it. */
const silentMetrics = new Proxy({} as IRunMetrics, {
  get: (_, name) => (name === 'then' ? undefined : nothing),
});

/** All ports, answered by the twins of a ground. */
export const ports = (
  ground: Ground,
  clock: FixedClock,
  config: Config,
  scheduler: IJobScheduler,
  executor: IJobExecutor,
): Provider[] => [
  { provide: Config, useValue: config },
  { provide: IClock, useValue: clock },
  { provide: ITransactionRunner, useValue: ground.transactions },
  { provide: IAuditTrail, useValue: silentTrail },
  { provide: IJobRepository, useValue: ground.jobs },
  { provide: IJobPlans, useValue: ground.plans },
  { provide: IRunRepository, useValue: ground.runs },
  { provide: IRunLeases, useValue: ground.leases },
  { provide: IOwedDoorbells, useValue: ground.rings },
  { provide: IRunGates, useValue: ground.gates },
  { provide: IJobLogger, useValue: ground.logger },
  { provide: IJobLogReader, useValue: ground.logs },
  { provide: IJobScheduler, useValue: scheduler },
  { provide: IJobExecutor, useValue: executor },
  { provide: IRunMetrics, useValue: silentMetrics },
  { provide: IWorkerNudges, useValue: { nudge: nothing, onNudge: nothing } satisfies IWorkerNudges },
  { provide: IHandlerCatalogue, useValue: { names: () => ['log'], validate: () => Promise.resolve([]) } },
  { provide: ISecretRepository, useValue: new InMemorySecrets(clock) },
  { provide: IQuotaRepository, useClass: InMemoryQuotaRepository },
  // The quotas of an engine under test are no limit.
  { provide: ILiveJobPlaces, useValue: {} },
  { provide: IRateLimiter, useValue: {} },
  // Neither is asked by a submission without a key and without calendars.
  { provide: IIdempotencyStore, useValue: {} },
  { provide: ICalendarRepository, useValue: {} },
  { provide: ScheduleDays, useValue: noCalendars },
  // Nobody's account is disabled.
  { provide: IJobOwners, useValue: { holdActive: async () => true } satisfies Partial<IJobOwners> },
];
