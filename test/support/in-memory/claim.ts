import type { ClaimedRun } from '../../../src/runs/domain/claimed-run.js';
import type { Claimant } from '../../../src/runs/domain/claimed-run.js';
import { after, change, latest } from './database.js';
import type { RunRow, Tables } from './database.js';

/** Starts an attempt and hands it out. The lease is counted from the start, not from a claim made ahead of it. */
export function claimOne({ runs, jobs }: Tables, run: RunRow, now: Date, { workerId, leaseMs }: Claimant): ClaimedRun {
  const job = jobs.get(run.jobId);
  if (!job) throw new Error(`Run ${run.id} has no job.`);
  const startsAt = latest(now, run.dueAt);
  const claimed = change(runs, run.id, {
    state: 'running',
    reason: null,
    reasonDetail: null,
    attempts: run.attempts + 1,
    leaseToken: String(BigInt(run.leaseToken) + 1n),
    workerId,
    leaseUntil: after(startsAt, leaseMs),
    attemptStartedAt: startsAt,
    startedAt: run.startedAt ?? startsAt,
    ranVersion: job.version,
  });
  return structuredClone({
    runId: run.id,
    jobId: run.jobId,
    userId: job.userId,
    jobName: job.name,
    jobType: job.type,
    handler: job.handler,
    payload: run.payload ?? job.payload,
    trigger: run.trigger,
    nominalAt: run.nominalAt,
    dueAt: run.dueAt,
    waitMs: Math.max(run.dueAt.getTime() - now.getTime(), 0),
    claimedAtMs: now.getTime(),
    attempt: claimed.attempts,
    maxRetries: job.maxRetries,
    retryDelayMs: job.retryDelayMs,
    timeoutMs: job.timeoutMs,
    onLost: job.onLost,
    notifyOnFailure: job.notifyOnFailure,
    leaseToken: claimed.leaseToken,
  });
}
