import { Injectable } from '@nestjs/common';
import { DataSource, IsNull } from 'typeorm';
import type { JobPlan, LedgerRow } from '../domain/ledger.js';
import type { Run } from '../../domain/run.js';
import { RunEntity } from '../../entities/run.entity.js';
import type { IRunLedger } from '../interfaces/run-ledger.js';
import { amongMany } from '../../repositories/list-sql.js';

const executionsForUsual = 20;

@Injectable()
export class TypeormRunLedger implements IRunLedger {
  constructor(private readonly dataSource: DataSource) {}

  async plan(jobId: string): Promise<JobPlan | null> {
    const [plan] = await this.dataSource.query<JobPlan[]>(
      `SELECT status, next_run_at AS "nextRunAt", planned_count AS "plannedCount", scheduled_at AS "scheduledAt",
              clock_timestamp() AS now
       FROM jobs WHERE id = $1`,
      [jobId],
    );
    return plan ?? null;
  }

  rows(jobId: string, from: Date, to: Date): Promise<LedgerRow[]> {
    // Ranges do not overlap, so only the last one before `from` can reach over it.
    return this.dataSource.query<LedgerRow[]>(
      `WITH range AS (
         SELECT nominal_at, nominal_until FROM runs
         WHERE job_id = $1 AND nominal_at < $2 AND nominal_until IS NOT NULL
         ORDER BY nominal_at DESC LIMIT 1
       )
       SELECT id AS "runId", nominal_at AS "nominalAt", nominal_until AS "nominalUntil", state, reason,
              job_version AS "jobVersion"
       FROM runs
       WHERE job_id = $1 AND trigger = 'schedule' AND nominal_at < $3
         AND (nominal_at >= $2 OR nominal_at = (SELECT nominal_at FROM range WHERE nominal_until >= $2))
       ORDER BY nominal_at`,
      [jobId, from, to],
    );
  }

  async runAt(jobId: string, nominalAt: Date): Promise<Run | null> {
    const [row] = await this.dataSource.query<{ id: string }[]>(
      `(SELECT id, CASE trigger WHEN 'schedule' THEN 0 ELSE 2 END AS rank FROM runs
        WHERE job_id = $1 AND nominal_at = $2)
       UNION ALL
       (SELECT id, 1 FROM (
          SELECT id, nominal_until FROM runs
          WHERE job_id = $1 AND nominal_at < $2 AND nominal_until IS NOT NULL
          ORDER BY nominal_at DESC LIMIT 1) AS range
        WHERE nominal_until >= $2)
       ORDER BY rank LIMIT 1`,
      [jobId, nominalAt],
    );
    return row ? this.dataSource.manager.findOneBy(RunEntity, { id: row.id }) : null;
  }

  firstLive(jobId: string): Promise<Run | null> {
    return this.dataSource.manager.findOne(RunEntity, {
      where: { jobId, endedAt: IsNull() },
      order: { nominalAt: 'ASC' },
    });
  }

  async usualDurationMs(jobId: string): Promise<number | null> {
    const [row] = await this.dataSource.query<[{ usual: number | null }]>(
      `SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS usual FROM (
         SELECT extract(epoch FROM ended_at - execution_started_at) * 1000 AS ms FROM runs
         WHERE job_id = $1 AND ${amongMany} AND attempt_status = 'succeeded'
         ORDER BY execution_started_at DESC LIMIT ${executionsForUsual}
       ) AS latest`,
      [jobId],
    );
    return row.usual;
  }
}
