import { Inject, Injectable } from '@nestjs/common';
import type { Transaction } from '../../kernel/transaction.js';
import type { Job } from '../domain/job.js';
import { IRunPlanner } from '../interfaces/run-planner.js';
import type { PlannedRings } from '../interfaces/run-planner.js';
import { firstTime } from './schedule-reader.js';

/** Puts a new schedule in force between two nominal times, so that each time belongs to exactly one version. */
@Injectable()
export class ScheduleChanges {
  constructor(@Inject(IRunPlanner) private readonly planner: IRunPlanner) {}

  /**
   * Times up to `now` belong to the old schedule and get their rows under it. Runs that it had planned after `now` are removed. The
   * new schedule names the times strictly after `now`. The caller has locked the job, and writes `next` afterwards.
   */
  async putInForce(tx: Transaction, job: Job, next: Job, now: Date): Promise<PlannedRings[]> {
    const settled = await this.planner.settlePassed(tx, job, now);
    next.plannedCount = job.plannedCount;
    next.activeUntil = null;
    await this.planner.unplan(tx, next, now);
    next.nextRunAt = next.schedule && firstTime(next.schedule, now, next.id);
    if (job.status === 'paused' && next.type === 'recurring') return settled;
    return settled.concat(await this.planner.planAgain(tx, next, now));
  }
}
