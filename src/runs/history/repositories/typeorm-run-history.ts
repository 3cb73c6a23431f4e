import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { smallestId } from '../../../database/id-sql.js';
import { entityManagerOf } from '../../../database/typeorm-transaction-runner.js';
import type { PruneStep } from '../../../kernel/retention.js';
import type { Transaction } from '../../../kernel/transaction.js';
import { keptAttempts, mostKeptAttempts } from '../domain/retention.js';
import type { RunAges } from '../domain/retention.js';
import { PrunedHistoryEntity } from '../../entities/pruned-history.entity.js';
import type { IRunHistory } from '../interfaces/run-history.js';
import { lockOldJobsStatement, pruneJobHistoriesStatement, pruneRunsStatement } from './prune-sql.js';

@Injectable()
export class TypeormRunHistory implements IRunHistory {
  constructor(private readonly dataSource: DataSource) {}

  async pruneRuns(tx: Transaction, ages: RunAges, after: string | null, limit: number): Promise<PruneStep> {
    const [step] = await entityManagerOf(tx).query<[PruneStep]>(pruneRunsStatement, [
      after ?? smallestId,
      limit,
      ages.runsMs,
      ages.failedRunsMs,
      keptAttempts,
      mostKeptAttempts,
    ]);
    return step;
  }

  async pruneJobs(tx: Transaction, ages: RunAges, after: string | null, limit: number): Promise<PruneStep> {
    const manager = entityManagerOf(tx);
    const { runsMs, failedRunsMs, jobsMs } = ages;
    const [{ ids, next }] = await manager.query<[{ ids: string[]; next: string | null }]>(lockOldJobsStatement, [
      after ?? smallestId,
      limit,
      runsMs,
      failedRunsMs,
      jobsMs,
    ]);
    if (ids.length === 0) return { deleted: 0, next };
    // A statement of its own sees what was committed before the lock; since then nobody can add a run.
    const [doomed] = await manager.query<[{ ids: string[] }]>(pruneJobHistoriesStatement, [ids, runsMs, failedRunsMs]);
    // Last, for another that prunes their runs at this moment may have moved their marks until the runs were locked.
    await manager.query('DELETE FROM pruned_histories WHERE job_id = ANY ($1::uuid[])', [doomed.ids]);
    await manager.query('DELETE FROM jobs WHERE id = ANY ($1::uuid[])', [doomed.ids]);
    return { deleted: doomed.ids.length, next };
  }

  async prunedUntil(jobId: string): Promise<Date | null> {
    const mark = await this.dataSource.manager.findOneBy(PrunedHistoryEntity, { jobId });
    return mark?.scheduledUntil ?? null;
  }
}
