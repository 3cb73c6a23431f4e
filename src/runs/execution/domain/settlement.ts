import type { JsonValue } from '../../../kernel/json.js';
import { retryDelayMs } from './backoff.js';
import type { RetryPolicy } from './backoff.js';
import type { LostPolicy } from '../../domain/claimed-run.js';
import type { ExecutionStatus } from '../../domain/execution.js';
import type { Outcome } from '../../domain/outcome.js';
import type { RunReason } from '../../domain/run.js';
import type { RunState } from '../../domain/run-state.js';

/** What an attempt's outcome means for its run. */
export interface Verdict {
  state: Extract<RunState, 'succeeded' | 'failed' | 'retrying' | 'scheduled' | 'cancelled'>;
  reason: RunReason;
  detail: string | null;
  /** Wait until the next attempt in ms; null where there is none. */
  delayMs: number | null;
  /** Whether the attempt counts against `maxRetries`. One that was handed back, or never began, does not. */
  counts: boolean;
}

export interface SettlementRules extends RetryPolicy {
  onLost: LostPolicy;
  /** Somebody asked for the run to be cancelled while it ran: no further attempt. */
  cancelRequested: boolean;
}

/**
 * Decides what becomes of a run after one attempt (guarantee 5: one final state, one reason).
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

/** Whether the handler was called, as far as can be known. */
export const hasBegun = (outcome: Outcome): boolean => !('begun' in outcome);

/** One attempt's end, ready to be committed by compare-and-set on its lease token. */
export interface Settlement {
  runId: string;
  jobId: string;
  /** Whose it is. */
  userId: string;
  leaseToken: string;
  dueAt: Date;
  verdict: Verdict;
  /** The attempt's record; its error is the verdict's `detail`. */
  execution: {
    /** null: the attempt never began, and leaves no record. Only where none follows. */
    status: Exclude<ExecutionStatus, 'running'> | null;
    result: JsonValue;
    /** How long before the settlement the attempt started and ended, in ms; null: when it was claimed, and now. */
    startedAgoMs: number | null;
    endedAgoMs: number;
  };
  /** Only if the lease has expired: the recoverer must not settle what its worker has just renewed. */
  onlyIfExpired: boolean;
  /** Owe the owner a notice if the run has failed. */
  notify: boolean;
}

/** What has been committed of a settlement. One that was fenced off (an old token) is not among the answers. */
export interface SettledRun {
  runId: string;
  jobId: string;
  state: RunState;
  /** Ms until the next attempt on the database's clock; null where there is none. */
  dueInMs: number | null;
  gated: boolean;
}
