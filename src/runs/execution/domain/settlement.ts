import type { JsonValue } from '../../../kernel/json.js';
import { retryDelayMs } from './backoff.js';
import type { RetryPolicy } from './backoff.js';
import type { LostPolicy } from '../../domain/claimed-run.js';
import type { ExecutionStatus } from '../../domain/execution.js';
import type { Outcome } from '../../domain/outcome.js';
import type { RunReason } from '../../domain/run.js';
import type { RunState } from '../../domain/run-state.js';

/** The effect of an attempt's outcome on its run. */
export interface Verdict {
  state: Extract<RunState, 'succeeded' | 'failed' | 'retrying' | 'scheduled' | 'cancelled'>;
  reason: RunReason;
  detail: string | null;
  /** Wait until the next attempt in ms; null: no attempt follows. */
  delayMs: number | null;
  /** Whether the attempt counts against `maxRetries`. An attempt that was handed back, or never began, does not. */
  counts: boolean;
}

export interface SettlementRules extends RetryPolicy {
  onLost: LostPolicy;
  /** The run's cancellation was requested while it ran: no further attempt follows. */
  cancelRequested: boolean;
}

/**
 * Decides the next state of a run after one attempt (guarantee 5: one final state, one reason).
 *
 * @param attempt number of the attempt, from 1
 * @param random 0 to 1, for the backoff's jitter
 */
export function judge(outcome: Outcome, attempt: number, rules: SettlementRules, random: number): Verdict {
  if (outcome.kind === 'succeeded')
    return { state: 'succeeded', reason: 'completed', detail: null, delayMs: null, counts: true };
  const detail = outcome.error;
  if (outcome.kind === 'cancelled' || rules.cancelRequested)
    return { state: 'cancelled', reason: 'cancelled_by_user', detail, delayMs: null, counts: hasBegun(outcome) };
  if (outcome.kind === 'released')
    return {
      state: attempt > 1 ? 'retrying' : 'scheduled',
      reason: 'handed_back',
      detail,
      delayMs: 0,
      counts: false,
    };
  const failed = (reason: RunReason): Verdict => ({ state: 'failed', reason, detail, delayMs: null, counts: true });
  if (outcome.kind === 'failed' && !outcome.retryable) return failed('not_retryable');
  if (outcome.kind === 'lost' && rules.onLost === 'park') return failed('lost_parked');
  if (attempt > rules.maxRetries) return failed('attempts_exhausted');
  const asked = outcome.kind === 'failed' ? Math.min(outcome.retryAfterMs ?? 0, rules.maxDelayMs) : 0;
  return {
    state: 'retrying',
    reason: outcome.kind === 'failed' ? 'attempt_failed' : outcome.kind,
    detail,
    delayMs: Math.max(retryDelayMs(rules, attempt, random), asked),
    counts: true,
  };
}

/** Whether the handler was called. For a lost attempt this is unknown and counts as called. */
export const hasBegun = (outcome: Outcome): boolean => !('begun' in outcome);

/** One attempt's end, ready to be committed by compare-and-set on its lease token. */
export interface Settlement {
  runId: string;
  jobId: string;
  /** Owner of the job. */
  userId: string;
  leaseToken: string;
  dueAt: Date;
  verdict: Verdict;
  /** The attempt's record; its error is the verdict's `detail`. */
  execution: {
    /** null: the attempt never began and leaves no record. Only when no attempt follows. */
    status: Exclude<ExecutionStatus, 'running'> | null;
    result: JsonValue;
    /** How long before the settlement the attempt started and ended, in ms; `startedAgoMs` null: it started when it was claimed. */
    startedAgoMs: number | null;
    endedAgoMs: number;
  };
  /** Settle only if the lease has expired: the recoverer must not settle a run whose worker has just renewed the lease. */
  onlyIfExpired: boolean;
  /** Whether to create a failure notice for the owner if the run has failed. */
  notify: boolean;
}

/** A committed settlement. A fenced one (with an old token) is not among the answers. */
export interface SettledRun {
  runId: string;
  jobId: string;
  state: RunState;
  /** Ms until the next attempt on the database clock; null: no attempt follows. */
  dueInMs: number | null;
  gated: boolean;
}
