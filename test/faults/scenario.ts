import type { Verdict } from './checker.js';
import type { Work } from './load.js';
import type { Stage } from './stage.js';

export interface Scenario {
  id: string;
  title: string;
  /** Length of the faults in s: in the quick selection (0: not in it), in full, and with `--long` where that differs. */
  seconds: { quick: number; full: number; long?: number };
  work?: Partial<Work>;
  run: (stage: Stage) => Promise<void>;
  /** Asks for more than the invariants that hold for all. */
  after?: (verdict: Verdict, stage: Stage) => void;
  /** Needs a system of its own, whose PostgreSQL has a file system of so many MB. */
  diskMb?: number;
  /** Why it cannot be run here; undefined when it can. */
  unavailable?: () => string | undefined;
}
