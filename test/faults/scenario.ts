import type { Verdict } from './checker.js';
import type { Work } from './load.js';
import type { Stage } from './stage.js';

export interface Scenario {
  id: string;
  title: string;
  /** Length of the faults in s: in the quick selection (0: not in it), and in full. */
  seconds: { quick: number; full: number };
  work?: Partial<Work>;
  run: (stage: Stage) => Promise<void>;
  /** Asks for more than the invariants that hold for all. */
  after?: (verdict: Verdict, stage: Stage) => void;
  /** Why it cannot be run here; undefined when it can. */
  unavailable?: () => string | undefined;
}
