import { Inject, Injectable } from '@nestjs/common';
import { ITransactionRunner } from '../../kernel/transaction.js';
import { accountDisabled } from '../domain/job.js';
import { IJobOwners } from '../interfaces/job-owners.js';
import { IRunPlanner } from '../interfaces/run-planner.js';

/** Jobs that one transaction changes, by one statement. */
const atOnce = 1_000;

/** How far one step has brought the jobs of an account. */
interface Step {
  isActive: boolean;
  isDone: boolean;
}

/**
 * Pauses the jobs of accounts that have been disabled, and ends these pauses when the accounts are enabled: in steps, each a
 * transaction of its own, for there may be a hundred thousand. An account that is not done yet is marked in its row, and whoever
 * comes next goes on: the request that changed it, or the ticker.
 */
@Injectable()
export class JobSuspensions {
  constructor(
    @Inject(IJobOwners) private readonly owners: IJobOwners,
    @Inject(IRunPlanner) private readonly planner: IRunPlanner,
    @Inject(ITransactionRunner) private readonly transactions: ITransactionRunner,
  ) {}

  /**
   * For the request that has disabled or enabled the account. Resolves when all its jobs are paused and none starts any more; or
   * when the pauses of all of them have ended: the ticker resumes them then, as it does at the end of every pause.
   */
  async follow(userId: string): Promise<void> {
    let step = await this.step(userId);
    while (!step.isDone) step = await this.step(userId);
    // What a worker had claimed before has begun by then, or never will.
    if (!step.isActive) await this.planner.begunOf(userId);
  }

  /** One step for an account that is marked, whoever has left it so. @returns whether there was one */
  async align(): Promise<boolean> {
    const userId = await this.owners.findToAlign();
    if (userId === null) return false;
    await this.step(userId);
    return true;
  }

  private step(userId: string): Promise<Step> {
    return this.transactions.run(async (tx) => {
      const isActive = await this.owners.lockActivity(tx, userId);
      if (isActive === null) return { isActive: true, isDone: true };
      const changed = isActive
        ? await this.owners.endSuspensions(tx, userId, atOnce)
        : await this.owners.suspend(tx, userId, accountDisabled, atOnce);
      const isDone = changed < atOnce;
      if (isDone) await this.owners.aligned(tx, userId);
      return { isActive, isDone };
    });
  }
}
