import type { Stage } from './stage.js';

/** One way to run the product that companies have. */
export interface Scenario {
  /** What `--only` takes, such as `pgbouncer-session`. */
  name: string;
  /** In one sentence, what must hold. */
  title: string;
  /**
   * Starts what it needs on the stage, which ends all of it afterwards. Rejects with what did not hold.
   *
   * @returns what is worth a place in the table, such as figures
   */
  run(stage: Stage): Promise<string | void>;
}

/** Thrown by a scenario that cannot be tried on this machine. */
export class NotHere extends Error {}
