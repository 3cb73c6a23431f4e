import { v7 } from 'uuid';
import { newId } from '../../src/kernel/ids.js';
import type { Job } from '../../src/jobs/domain/job.js';
import { defaultCatchup } from '../../src/jobs/domain/policies.js';
import type { ResolvedSchedule } from '../../src/schedules/domain/index.js';
import type { Claimant } from '../../src/runs/domain/claimed-run.js';
import type { ClaimedRun } from '../../src/runs/domain/claimed-run.js';
import type { NewRun } from '../../src/runs/domain/run.js';
import type { Settlement, Verdict } from '../../src/runs/execution/domain/settlement.js';

/** An id as it would have been made at a time. */
export const idAt = (at: Date): string => v7({ msecs: at.getTime() });

/** A one-time job that is due at `at`. */
export function aJob(userId: string, at: Date, given: Partial<Job> = {}): Job {
  return {
    id: newId(),
    userId,
    name: 'Send the report',
    description: null,
    type: 'one_time',
    handler: 'log',
    payload: { to: 'ada' },
    status: 'pending',
    scheduledAt: at,
    schedule: null,
    timezone: null,
    scheduledLocal: null,
    overlapPolicy: 'skip',
    catchup: defaultCatchup,
    pauseAfterFailures: null,
    pausedAt: null,
    pausedUntil: null,
    pauseNote: null,
    pauseReason: null,
    maxRetries: 3,
    retryDelayMs: null,
    timeoutMs: null,
    onLost: null,
    notifyOnFailure: null,
    nextRunAt: null,
    plannedCount: 0,
    activeUntil: null,
    version: 1,
    versionSince: at,
    createdAt: at,
    updatedAt: at,
    ...given,
  };
}

export const everyMinute: ResolvedSchedule = { timezone: 'UTC', cron: ['* * * * *'] };

/** A recurring job whose next nominal time without a row is `nextRunAt`. */
export const aRecurringJob = (userId: string, nextRunAt: Date | null, given: Partial<Job> = {}): Job =>
  aJob(userId, nextRunAt ?? new Date(0), {
    type: 'recurring',
    schedule: everyMinute,
    scheduledAt: null,
    nextRunAt,
    ...given,
  });

/** A planned run of the job, ungated as those of one-time jobs are. */
export const aNewRun = (jobId: string, nominalAt: Date, given: Partial<NewRun> = {}): NewRun => ({
  id: newId(),
  jobId,
  nominalAt,
  dueAt: nominalAt,
  trigger: 'schedule',
  jobVersion: 1,
  gated: false,
  ...given,
});

export const aClaimant = (given: Partial<Claimant> = {}): Claimant => ({
  workerId: `worker-${newId()}`,
  leaseMs: 10_000,
  aheadMs: 0,
  ...given,
});

export const success: Verdict = { state: 'succeeded', reason: 'completed', detail: null, delayMs: null, counts: true };

export const retryIn = (delayMs: number): Verdict => ({
  state: 'retrying',
  reason: 'attempt_failed',
  detail: 'status 500',
  delayMs,
  counts: true,
});

export const failure: Verdict = {
  state: 'failed',
  reason: 'attempts_exhausted',
  detail: 'status 500',
  delayMs: null,
  counts: true,
};

const executionStatus = { succeeded: 'succeeded', cancelled: 'cancelled', scheduled: 'released' } as const;

/** The end of a claimed run's attempt, as its worker would commit it. */
export function aSettlement(
  run: Pick<ClaimedRun, 'runId' | 'jobId' | 'userId' | 'leaseToken' | 'dueAt'>,
  verdict: Verdict = success,
  given: Partial<Settlement> = {},
): Settlement {
  const status = executionStatus[verdict.state as keyof typeof executionStatus] ?? 'failed';
  return {
    runId: run.runId,
    jobId: run.jobId,
    userId: run.userId,
    leaseToken: run.leaseToken,
    dueAt: run.dueAt,
    verdict,
    execution: {
      status,
      result: verdict.state === 'succeeded' ? { sent: true } : null,
      startedAgoMs: 20,
      endedAgoMs: 0,
    },
    onlyIfExpired: false,
    notify: true,
    ...given,
  };
}
