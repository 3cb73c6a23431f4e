import type { RecurringSchedule } from '../../../schedules/domain/index.js';
import type { RunState } from '../../domain/run-state.js';

/** Most nominal times that one backfill makes up. */
export const maxBackfillTimes = 10_000;

/** `buffer_all`: one run of the job after the other. `allow_all`: several at once, beside everything else of the job. */
export const backfillPolicies = ['buffer_all', 'allow_all'] as const;
export type BackfillPolicy = (typeof backfillPolicies)[number];

export const backfillStates = ['running', 'completed', 'cancelled'] as const;
export type BackfillState = (typeof backfillStates)[number];

/** A past range of nominal times that somebody wants run. Its runs have the trigger `backfill`. */
export interface Backfill {
  id: string;
  jobId: string;
  /** Inclusive. */
  rangeFrom: Date;
  /** Exclusive. */
  rangeTo: Date;
  overlapPolicy: BackfillPolicy;
  state: BackfillState;
  /** The job's schedule when the backfill was asked for: it names the times. */
  schedule: RecurringSchedule;
  jobVersion: number;
  /** Nominal times that it makes up. */
  total: number;
  /** The next nominal time without a run; null when all have theirs. */
  nextAt: Date | null;
  createdAt: Date;
  endedAt: Date | null;
}

/** How many of its runs are in each state. */
export type RunCounts = Partial<Record<RunState, number>>;

export interface BackfillView extends Backfill {
  counts: RunCounts;
}

/** A backfill in a list: without its schedule. */
export type ListedBackfill = Omit<BackfillView, 'schedule'>;
