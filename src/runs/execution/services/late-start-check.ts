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
  /** @param sentMs monotonic time before PostgreSQL was asked; null: PostgreSQL did not answer */
  answer: (sentMs: number | null) => void;
}

const limits = { maxItems: 500, maxInFlight: 1 };
const pauseMs = 100;
/**
 * A confirmation permits a start for `startDeadlineMs`. One that takes longer to arrive is already void. After this many void
 * confirmations the attempt starts anyway: a slow database must not block work for ever.
 */
const maxVoidConfirmations = 3;

/** Asks PostgreSQL again before an attempt that starts later than `startDeadlineMs` after its due time: it may have been cancelled. */
@Injectable()
export class LateStartCheck {
  private readonly questions = new Batches<Question>(limits, (batch) => this.ask(batch));

  constructor(
    @Inject(IRunLeases) private readonly leases: IRunLeases,
    @Inject(IClock) private readonly clock: IClock,
    private readonly keeper: LeaseKeeper,
  ) {}

  /**
   * Resolves when the attempt may start, or has been aborted. Asks PostgreSQL only after `untilMs`.
   * @param untilMs monotonic time until which the claim alone permits the start
   */
  async confirm(run: HeldRun, untilMs: number, abort: Abort): Promise<void> {
    let permittedUntilMs = untilMs;
    let voidConfirmations = 0;
    while (voidConfirmations < maxVoidConfirmations && !abort.aborted && this.clock.monotonicMs() > permittedUntilMs) {
      const sentMs = await new Promise<number | null>((answer) => {
        this.questions.add({ run, answer });
      });
      if (sentMs === null) await sleep(pauseMs);
      else {
        permittedUntilMs = sentMs + startDeadlineMs;
        voidConfirmations += 1;
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
      // PostgreSQL is away. `confirm` tries again until the lease may have expired. The renewals log the outage.
      for (const { answer } of batch) answer(null);
    }
  }
}
