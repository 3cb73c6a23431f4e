import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { IRunRepository } from '../interfaces/run-repository.js';
import type { StartsOf } from '../interfaces/run-repository.js';

/** Pause between two looks, in ms. */
const lookMs = 20;

/** For those who have stopped a run that a worker may hold: when they can say that it has begun or never will. */
@Injectable()
export class PendingStarts {
  constructor(@Inject(IRunRepository) private readonly runs: IRunRepository) {}

  /**
   * Resolves when no claimed attempt of these runs can be about to begin any more: each has ended, was given up, or its time to
   * begin is over. Only after the commit of what keeps further ones from being claimed. Asks PostgreSQL alone; at most
   * `CLAIM_AHEAD_MS` and `startDeadlineMs`.
   */
  async settled(of: StartsOf): Promise<void> {
    for (let leftMs = await this.look(of); leftMs > 0; leftMs = await this.look(of))
      await sleep(Math.min(Math.ceil(leftMs), lookMs));
  }

  private look(of: StartsOf): Promise<number> {
    return this.runs.msUntilStartsSettled(of);
  }
}
