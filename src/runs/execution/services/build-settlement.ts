import type { Config } from '../../../config/config.js';
import type { ClaimedRun, LostPolicy } from '../../domain/claimed-run.js';
import type { Outcome } from '../../domain/outcome.js';
import { hasBegun, judge } from '../domain/settlement.js';
import type { Settlement } from '../domain/settlement.js';

/** Builds the settlement of an attempt by the rules of its job and the configuration. */
export function buildSettlement(
  run: Pick<
    ClaimedRun,
    | 'runId'
    | 'jobId'
    | 'userId'
    | 'leaseToken'
    | 'attempt'
    | 'dueAt'
    | 'maxRetries'
    | 'retryDelayMs'
    | 'onLost'
    | 'notifyOnFailure'
  >,
  outcome: Outcome,
  config: Pick<Config, 'retry' | 'notifications'>,
  handlersLostPolicy: LostPolicy,
  times: { startedAgoMs: number | null; endedAgoMs: number },
  { cancelRequested, onlyIfExpired } = { cancelRequested: false, onlyIfExpired: false },
): Settlement {
  const rules = {
    maxRetries: run.maxRetries,
    baseDelayMs: run.retryDelayMs ?? config.retry.baseDelayMs,
    maxDelayMs: config.retry.maxDelayMs,
    onLost: run.onLost ?? handlersLostPolicy,
    cancelRequested,
  };
  return {
    runId: run.runId,
    jobId: run.jobId,
    userId: run.userId,
    leaseToken: run.leaseToken,
    dueAt: run.dueAt,
    verdict: judge(outcome, run.attempt, rules, Math.random()),
    execution: {
      status: hasBegun(outcome) ? outcome.kind : null,
      result: 'result' in outcome ? (outcome.result ?? null) : null,
      startedAgoMs: times.startedAgoMs,
      endedAgoMs: times.endedAgoMs,
    },
    onlyIfExpired,
    notify: run.notifyOnFailure ?? config.notifications.onFailure,
  };
}
