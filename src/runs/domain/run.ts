import type { JsonObject } from '../../kernel/json.js';
import type { Listed } from '../../kernel/listed.js';
import type { RunState } from './run-state.js';

export const runTriggers = ['schedule', 'manual', 'backfill'] as const;
/** Why a run exists: its schedule named the time, somebody asked for it, or a past range is being made up. */
export type RunTrigger = (typeof runTriggers)[number];

/** One nominal time of one job (or one manual trigger), from its creation to its one final state. */
export interface Run {
  id: string;
  jobId: string;
  /** The instant that the schedule names. Never changes. */
  nominalAt: Date;
  /** When the next attempt may start: the nominal time plus jitter, or the retry's time. */
  dueAt: Date;
  trigger: RunTrigger;
  state: RunState;
  /** Why the run is in its state; null while nothing has happened to it. */
  reason: RunReason | null;
  /** The reason in a sentence for people, such as the error of the last attempt. */
  reasonDetail: string | null;
  /** Attempts started so far that count against `maxRetries`. */
  attempts: number;
  /** Rises with every claim; a settlement with an older one changes nothing. "0" before the first claim. */
  leaseToken: string;
  workerId: string | null;
  /** Run that held this one back (overlap), if one did. */
  heldBy: string | null;
  /** Version of the job that it was planned under: it names the nominal time. */
  jobVersion: number;
  /** Version of the job whose definition its latest attempt got; null before the first. */
  ranVersion: number | null;
  /** Replaces the job's payload in this run; null takes the job's. */
  payload: JsonObject | null;
  /** How many nominal times this row accounts for: 1, or more in a row for a missed range up to `nominalUntil`. */
  count: number;
  nominalUntil: Date | null;
  cancelRequestedAt: Date | null;
  /** Start of the first execution. */
  startedAt: Date | null;
  endedAt: Date | null;
  createdAt: Date;
}

/** A run in a list: without its payload, and with its reason cut where that is too long. */
export type ListedRun = Listed<Omit<Run, 'payload'>>;

/** Why a run is where it is: one stable word each, explained in docs/job-lifecycle.md. */
export const runReasons = [
  'completed',
  'attempt_failed',
  'attempts_exhausted',
  'not_retryable',
  'lost',
  'lost_parked',
  'timed_out',
  'handed_back',
  'cancelled_by_user',
  'cancelled_by_overlap',
  'job_cancelled',
  'backfill_cancelled',
  'rescheduled',
  'overlap',
  'paused',
  'calendar',
  'outside_window',
  'superseded',
  'catchup_none',
] as const;
export type RunReason = (typeof runReasons)[number];

/** What is needed to plan a run. `dueAt` equals `nominalAt` plus jitter. */
export interface NewRun {
  id: string;
  jobId: string;
  nominalAt: Date;
  dueAt: Date;
  trigger: RunTrigger;
  jobVersion: number;
  /** Recurring jobs pass the overlap and catch-up gates before a start; one-time jobs have none. */
  gated: boolean;
  payload?: JsonObject | null;
  /** A run that will never start is created in its final state. */
  final?: { state: 'skipped' | 'missed'; reason: RunReason; detail: string };
  count?: number;
  nominalUntil?: Date | null;
}
