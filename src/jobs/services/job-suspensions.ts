import { Inject, Injectable } from '@nestjs/common';
import { ITransactionRunner } from '../../kernel/transaction.js';
import { accountDisabled } from '../domain/job.js';
import { IJobOwners } from '../interfaces/job-owners.js';
import { IRunPlanner } from '../interfaces/run-planner.js';

/** Maximum number of jobs that one transaction changes, by one statement. */
const maxJobs = 1_000;

/** The result of one step for an account. */
interface Step {
  isActive: boolean;
  isDone: boolean;
}

/**
 * Pauses the jobs of disabled accounts, and ends these pauses when the accounts are enabled. An account may have a hundred
 * thousand jobs, so it works in steps, each in a transaction of its own. A mark in the row of an account says that steps remain.
 * The request that changed the account, or the ticker, takes the next step.
 */
@Injectable()
export class JobSuspensions {
  constructor(
    @Inject(IJobOwners) private readonly owners: IJobOwners,
    @Inject(IRunPlanner) private readonly planner: IRunPlanner,
    @Inject(ITransactionRunner) private readonly transactions: ITransactionRunner,
  ) {}

  /**
   * Takes all steps, for the request that has disabled or enabled the account. After disabling, it resolves when all jobs are paused
   * and no run of them starts any more. After enabling, it resolves when all their pauses have ended; the ticker then resumes the
   * jobs, as it does at the end of every pause.
   */
  async follow(userId: string): Promise<void> {
    let step = await this.step(userId);
    while (!step.isDone) step = await this.step(userId);
    // Waits until each run that a worker had claimed has started, or can no longer start.
    if (!step.isActive) await this.planner.startsSettledOf(userId);
  }

  /** Takes one step for any marked account. @returns whether an account was marked */
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
        ? await this.owners.endSuspensions(tx, userId, maxJobs)
        : await this.owners.suspend(tx, userId, accountDisabled, maxJobs);
      const isDone = changed < maxJobs;
      if (isDone) await this.owners.aligned(tx, userId);
      return { isActive, isDone };
    });
  }
}
