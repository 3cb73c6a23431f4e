import { Inject, Injectable } from '@nestjs/common';
import type { Transaction } from '../../kernel/transaction.js';
import type { IOwnedWork } from '../../users/interfaces/owned-work.js';
import { IJobOwners } from '../interfaces/job-owners.js';
import { IJobRepository } from '../interfaces/job-repository.js';
import { IRunPlanner } from '../interfaces/run-planner.js';
import { JobLifecycle } from './job-lifecycle.js';
import { JobSuspensions } from './job-suspensions.js';

/** Changes the jobs of a user whose account is deleted, disabled or enabled. */
@Injectable()
export class JobOwnership implements IOwnedWork {
  constructor(
    @Inject(IJobOwners) private readonly owners: IJobOwners,
    @Inject(IJobRepository) private readonly jobs: IJobRepository,
    @Inject(IRunPlanner) private readonly planner: IRunPlanner,
    private readonly lifecycle: JobLifecycle,
    private readonly suspensions: JobSuspensions,
  ) {}

  async release(tx: Transaction, userId: string, heirId: string | null): Promise<void> {
    if (heirId === null) return this.remove(tx, userId);
    const now = await this.jobs.now(tx);
    for (const job of await this.owners.lockUnfinished(tx, userId)) await this.lifecycle.end(tx, job, now);
    await this.owners.hand(tx, userId, heirId);
  }

  activityChanges(tx: Transaction, userId: string): Promise<void> {
    return this.owners.markToAlign(tx, userId);
  }

  followActivity(userId: string): Promise<void> {
    return this.suspensions.follow(userId);
  }

  private async remove(tx: Transaction, userId: string): Promise<void> {
    for (const id of await this.owners.lock(tx, userId)) {
      await this.planner.deleteAll(tx, id);
      await this.jobs.delete(tx, id);
    }
  }
}
