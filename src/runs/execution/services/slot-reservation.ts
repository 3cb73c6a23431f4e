import type { ClaimedRun } from '../../domain/claimed-run.js';
import type { AttemptRunner } from './attempt-runner.js';
import type { SlotReservation } from '../../dispatch/services/direct-starts.js';

/**
 * When a connection breaks, PostgreSQL may still commit the statement that it had received. Runs that the first hand-back did not
 * find are looked for once more after this delay, in ms.
 */
const secondLookMs = 1_000;

/** Handler slots that `RunWorker` has reserved for runs that are about to be inserted already claimed by it. */
export class ReservedSlots implements SlotReservation {
  /** Resolves when the slots have been freed. */
  readonly over: Promise<void>;
  private giveBack!: () => void;

  /** @param granted for each run asked for, whether it has a slot @param givenBack called once, when the slots are freed */
  constructor(
    readonly granted: boolean[],
    private readonly attempts: Pick<AttemptRunner, 'begin' | 'handBack'>,
    givenBack: () => void,
  ) {
    this.over = new Promise((resolve) => {
      this.giveBack = () => {
        givenBack();
        resolve();
      };
    });
  }

  begin(runs: ClaimedRun[], sentMs: number, answeredMs: number): void {
    for (const run of runs) this.attempts.begin(run, sentMs, answeredMs);
    this.giveBack();
  }

  /** The slots stay reserved until PostgreSQL has answered: so only as many runs as there are slots can be in an unknown state. */
  disown(runs: ClaimedRun[]): void {
    void this.handBack(runs).then((missing) => {
      this.giveBack();
      if (missing.length > 0) setTimeout(() => void this.handBack(missing), secondLookMs).unref();
    });
  }

  /** @returns runs that were not found */
  private async handBack(runs: ClaimedRun[]): Promise<ClaimedRun[]> {
    const wereThere = await Promise.all(runs.map((run) => this.attempts.handBack(run)));
    return runs.filter((_, index) => !wereThere[index]);
  }
}
