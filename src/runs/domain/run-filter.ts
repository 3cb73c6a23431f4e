import type { RunReason, RunTrigger } from './run.js';
import type { RunState } from './run-state.js';

/** Which runs of a job a list shows, by nominal time. All that is given must hold. */
export interface RunFilter {
  /** In one of these. */
  states?: RunState[];
  triggers?: RunTrigger[];
  reasons?: RunReason[];
  /** Nominal at or after. */
  from?: Date;
  /** Nominal before. */
  to?: Date;
  /** Leave out those that are scheduled and not due yet. */
  hasCome?: boolean;
  /** By nominal time: the latest first, unless `asc`. */
  order?: RunOrder;
}

export const runOrders = ['desc', 'asc'] as const;
export type RunOrder = (typeof runOrders)[number];
