/** A run at the gate whose job another transaction had locked. */
export interface HeldUpStart {
  runId: string;
  /** Owner of its job. */
  userId: string;
  jobId: string;
  /** How many times the job was found locked at the gate. */
  looks: number;
}

interface Ways {
  /** Offers the run to the gate again, together with the other offers of that moment. */
  offer(start: HeldUpStart): void;
  /** Takes the run to the gate and waits for the lock there. @returns whether the job was still locked at the end of the wait */
  wait(start: HeldUpStart): Promise<boolean>;
}

/** Pauses between tries at a locked job, in ms: most changes of a job hold its lock for less than the first two. */
const pausesMs = [4, 8, 16];
/** Pause, in ms, before the next try while this process waits for the lock of another job. */
const queuePauseMs = 40;

/**
 * Takes runs to the gate again whose job was locked when they were due. No doorbell rings for them again, so this class starts
 * them once the lock is released. After the pauses of `pausesMs` it waits for the lock in PostgreSQL, which grants locks in the
 * order of the requests: a job that is changed without a break would otherwise be found locked each time. It waits for one lock at
 * a time, so that locks held for long cost this process one connection.
 */
export class HeldUpStarts {
  private waiting: Promise<void> | null = null;

  constructor(private readonly ways: Ways) {}

  /** Resolves when no wait for a lock is under way. */
  async idle(): Promise<void> {
    await this.waiting;
  }

  add(starts: HeldUpStart[]): void {
    for (const start of starts) {
      const pauseMs = pausesMs[start.looks];
      const again = { ...start, looks: start.looks + 1 };
      if (pauseMs === undefined && !this.waiting) this.waiting = this.waitFor(again);
      else setTimeout(() => this.ways.offer(again), pauseMs ?? queuePauseMs);
    }
  }

  private async waitFor(start: HeldUpStart): Promise<void> {
    const locked = await this.ways.wait(start).catch(() => true);
    this.waiting = null;
    if (locked) this.ways.offer(start);
  }
}
