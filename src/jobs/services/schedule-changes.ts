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
   * What passed under the old schedule is accounted for under it; what it had planned after `now` is forgotten; the new one
   * names the times strictly after `now`. The job is locked; the caller writes `next` afterwards.
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
