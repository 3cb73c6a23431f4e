/** A run at the gate whose job somebody else had locked. */
export interface HeldUpStart {
  runId: string;
  /** Whose it is. */
  userId: string;
  jobId: string;
  /** How many looks at the gate have found the job locked. */
  looks: number;
}

interface Ways {
  /** Takes the run to the gate again, with whatever else is offered then. */
  offer(start: HeldUpStart): void;
  /** Takes the run to the gate and waits for the lock there. @returns whether it found the job locked to the end */
  wait(start: HeldUpStart): Promise<boolean>;
}

/** Pauses between looks at a locked job, in ms: most changes of a job hold its lock for less than the first two. */
const pausesMs = [4, 8, 16];
/** Pause, in ms, before the next look when the wait for another job's lock is under way. */
const queuePauseMs = 40;

/**
 * Brings runs back to the gate whose job was locked at the moment they were due. No doorbell rings for them again, so this
 * is what starts them once the lock is released. After some looks it waits for the lock in PostgreSQL, which serves those
 * who wait in their order: a job that is changed without pause would otherwise be found locked each time. It waits for one
 * lock at a time, so that locks held for long cost this process one connection.
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
