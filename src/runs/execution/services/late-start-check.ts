import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { Abort } from '../../../kernel/abort.js';
import { Batches } from '../../../kernel/batches.js';
import { IClock } from '../../../kernel/clock.js';
import { startDeadlineMs } from '../../domain/start-deadline.js';
import type { HeldRun } from '../interfaces/run-leases.js';
import { IRunLeases } from '../interfaces/run-leases.js';
import { LeaseKeeper } from './lease-keeper.js';

interface Question {
  run: HeldRun;
  /** @param sentMs monotonic time before PostgreSQL was asked; null: it did not answer */
  answer: (sentMs: number | null) => void;
}

const limits = { maxItems: 500, maxInFlight: 1 };
const pauseMs = 100;
/** Answers that took longer than they are good for: after so many, a slow PostgreSQL must not keep work from being done. */
const mostSlow = 3;

/** Asks PostgreSQL anew about attempts that begin so late that a cancellation may have been answered meanwhile. */
@Injectable()
export class LateStartCheck {
  private readonly questions = new Batches<Question>(limits, (batch) => this.ask(batch));

  constructor(
    @Inject(IRunLeases) private readonly leases: IRunLeases,
    @Inject(IClock) private readonly clock: IClock,
    private readonly keeper: LeaseKeeper,
  ) {}

  /**
   * Resolves when the attempt may begin, or has been aborted. Asks nobody before `untilMs`.
   * @param untilMs monotonic time up to which the claim is a licence to begin
   */
  async confirm(run: HeldRun, untilMs: number, abort: Abort): Promise<void> {
    let licensedMs = untilMs;
    let slow = 0;
    while (slow < mostSlow && !abort.aborted && this.clock.monotonicMs() > licensedMs) {
      const sentMs = await new Promise<number | null>((answer) => {
        this.questions.add({ run, answer });
      });
      if (sentMs === null) await sleep(pauseMs);
      else {
        licensedMs = sentMs + startDeadlineMs;
        slow += 1;
      }
    }
  }

  private async ask(batch: Question[]): Promise<void> {
    const sentMs = this.clock.monotonicMs();
    try {
      const held = await this.leases.confirm(batch.map(({ run }) => run));
      const cancelled = new Map(held.map((run) => [run.runId, run.cancelRequested]));
      for (const { run, answer } of batch) {
        this.keeper.applyRenewal(run, cancelled.get(run.runId));
        answer(sentMs);
      }
    } catch {
      // It is away. Who asked tries again for as long as the lease is surely held; the outage is told by the renewals.
      for (const { answer } of batch) answer(null);
    }
  }
}
