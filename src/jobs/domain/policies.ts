/** What happens to a nominal time that comes while an earlier run of the same job has not ended. */
export const overlapPolicies = ['skip', 'buffer_one', 'buffer_all', 'cancel_other', 'allow_all'] as const;
export type OverlapPolicy = (typeof overlapPolicies)[number];

export const catchupModes = ['latest', 'all', 'none'] as const;
export type CatchupMode = (typeof catchupModes)[number];

/** What happens to nominal times that passed while nothing could start them, or while the job was paused. */
export interface Catchup {
  mode: CatchupMode;
  /** How long after its nominal time a passed run may still start, in ms; null: one interval or an hour, whichever is longer. */
  windowMs: number | null;
  /** Maximum number of passed times that mode `all` makes up, newest first; the rest are missed. */
  max: number;
}

export const defaultCatchup: Catchup = { mode: 'latest', windowMs: null, max: 100 };
