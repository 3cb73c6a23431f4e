/** States of a run (docs/job-lifecycle.md draws them). A final state never changes; a late answer is a log line. */
export const runStates = [
  'scheduled',
  'running',
  'retrying',
  'succeeded',
  'failed',
  'cancelled',
  'skipped',
  'missed',
] as const;
export type RunState = (typeof runStates)[number];

/** The whole life of a run: from each state, where it may go. */
export const runTransitions: Readonly<Record<RunState, readonly RunState[]>> = {
  scheduled: ['running', 'cancelled', 'skipped', 'missed'],
  running: ['succeeded', 'failed', 'retrying', 'scheduled', 'cancelled'],
  retrying: ['running', 'cancelled'],
  succeeded: [],
  failed: [],
  cancelled: [],
  skipped: [],
  missed: [],
};

/** Not final. */
export const liveStates = ['scheduled', 'running', 'retrying'] as const satisfies readonly RunState[];

export const isFinal = (state: RunState): boolean => runTransitions[state].length === 0;
export const mayBecome = (from: RunState, to: RunState): boolean => runTransitions[from].includes(to);
