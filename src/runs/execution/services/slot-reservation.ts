import type { ClaimedRun } from '../../domain/claimed-run.js';
import type { AttemptRunner } from './attempt-runner.js';
import type { SlotReservation } from '../../dispatch/services/direct-starts.js';

/** A connection that broke may leave PostgreSQL at work on what came over it: who is not found is looked for again so many ms later. */
const secondLookMs = 1_000;

/** Handler slots of this process's worker that runs about to be inserted will take, as `RunWorker` keeps them. */
export class ReservedSlots implements SlotReservation {
  /** Resolves when they are given back. */
  readonly over: Promise<void>;
  private giveBack!: () => void;

  /** @param granted for which of those who asked @param attempts begins what is born @param givenBack called once */
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

  /** The places stay kept until PostgreSQL has answered: while it is away, no more than these can be in doubt. */
  disown(runs: ClaimedRun[]): void {
    void this.handBack(runs).then((missing) => {
      this.giveBack();
      if (missing.length > 0) setTimeout(() => void this.handBack(missing), secondLookMs).unref();
    });
  }

  /** @returns those that were not there */
  private async handBack(runs: ClaimedRun[]): Promise<ClaimedRun[]> {
    const wereThere = await Promise.all(runs.map((run) => this.attempts.handBack(run)));
    return runs.filter((_, index) => !wereThere[index]);
  }
}
