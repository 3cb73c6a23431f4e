import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { databaseNow } from '../../database/clock-sql.js';
import { entityManagerOf } from '../../database/typeorm-transaction-runner.js';
import type { Transaction } from '../../kernel/transaction.js';
import type { Job } from '../domain/job.js';
import type { StoredJobStatus } from '../domain/job-status.js';
import { aboutToStartMs } from '../interfaces/job-repository.js';
import type { IJobPlans, PlannedUntil, PlanningWindow } from '../interfaces/job-repository.js';
import { jobColumns } from './job-sql.js';

@Injectable()
export class TypeormJobPlans implements IJobPlans {
  constructor(private readonly dataSource: DataSource) {}

  lockDue(tx: Transaction, { withinMs, urgentMs }: PlanningWindow, limit: number): Promise<Job[]> {
    return entityManagerOf(tx).query<Job[]>(
      `SELECT ${jobColumns} FROM jobs j
       WHERE j.status = 'pending' AND j.next_run_at IS NOT NULL
         AND j.next_run_at <= ${databaseNow} + $1 * interval '1 ms'
         AND (j.next_run_at <= ${databaseNow} + $2 * interval '1 ms' OR NOT EXISTS (
           SELECT FROM runs r
           WHERE r.job_id = j.id AND r.ended_at IS NULL AND r.state = 'scheduled'
             AND r.due_at BETWEEN ${databaseNow} - interval '${aboutToStartMs.after} ms'
                              AND ${databaseNow} + interval '${aboutToStartMs.before} ms'))
       ORDER BY j.next_run_at
       LIMIT $3
       FOR NO KEY UPDATE OF j SKIP LOCKED`,
      [withinMs, urgentMs, limit],
    );
  }

  async advance(tx: Transaction, plans: PlannedUntil[]): Promise<void> {
    if (plans.length === 0) return;
    await entityManagerOf(tx).query(
      `UPDATE jobs j SET next_run_at = p.next_run_at, planned_count = p.planned_count, active_until = p.active_until
       FROM unnest($1::uuid[], $2::timestamptz[], $3::integer[], $4::timestamptz[])
         AS p (job_id, next_run_at, planned_count, active_until)
       WHERE j.id = p.job_id`,
      [
        plans.map(({ id }) => id),
        plans.map(({ nextRunAt }) => nextRunAt),
        plans.map(({ plannedCount }) => plannedCount),
        plans.map(({ activeUntil }) => activeUntil),
      ],
    );
  }

  lockResumable(tx: Transaction, limit: number): Promise<Job[]> {
    return entityManagerOf(tx).query<Job[]>(
      `SELECT ${jobColumns} FROM jobs j JOIN users u ON u.id = j.user_id
       WHERE j.status = 'paused' AND j.paused_until IS NOT NULL AND j.paused_until <= ${databaseNow} AND u.is_active
       ORDER BY j.paused_until
       LIMIT $1
       FOR NO KEY UPDATE OF j SKIP LOCKED
       FOR KEY SHARE OF u SKIP LOCKED`,
      [limit],
    );
  }

  async keepPaused(note: string): Promise<number> {
    const [, count] = await this.dataSource.query<[unknown[], number]>(
      `UPDATE jobs j SET paused_until = NULL, pause_note = $1, pause_reason = 'account_disabled', updated_at = clock_timestamp()
       FROM users u
       WHERE j.status = 'paused' AND j.paused_until IS NOT NULL AND j.paused_until <= ${databaseNow}
         AND u.id = j.user_id AND NOT u.is_active`,
      [note],
    );
    return count;
  }

  async pauseBroken(jobId: string, note: string): Promise<void> {
    await this.dataSource.query(
      `UPDATE jobs SET status = 'paused', paused_at = clock_timestamp(), paused_until = NULL, pause_note = $2,
              pause_reason = 'schedule',
              updated_at = clock_timestamp()
       WHERE id = $1 AND status = 'pending'`,
      [jobId, note],
    );
  }

  async pauseIfFailing(jobId: string): Promise<boolean> {
    const [, count] = await this.dataSource.query<[unknown[], number]>(
      `UPDATE jobs j SET status = 'paused', paused_at = clock_timestamp(), paused_until = NULL,
              pause_reason = 'failures',
              pause_note = format('Its last %s runs have failed', j.pause_after_failures), updated_at = clock_timestamp()
       WHERE j.id = $1 AND j.status = 'pending' AND j.pause_after_failures IS NOT NULL
         AND j.pause_after_failures = (
           SELECT count(*) FILTER (WHERE state = 'failed') FROM (
             SELECT r.state FROM runs r
             WHERE r.job_id = j.id AND r.state IN ('succeeded', 'failed')
               AND r.ended_at > coalesce(j.paused_at, '-infinity')
             ORDER BY r.nominal_at DESC
             LIMIT j.pause_after_failures
           ) AS latest)`,
      [jobId],
    );
    return count > 0;
  }

  async completeExhausted(): Promise<number> {
    const [, count] = await this.dataSource.query<[unknown[], number]>(
      `UPDATE jobs j SET status = 'completed', updated_at = clock_timestamp()
       WHERE j.status = 'pending' AND j.type = 'recurring' AND j.next_run_at IS NULL
         AND NOT EXISTS (
           SELECT FROM runs r WHERE r.job_id = j.id AND r.ended_at IS NULL)
         AND NOT EXISTS (SELECT FROM backfills b WHERE b.job_id = j.id AND b.state = 'running')`,
    );
    return count;
  }

  async setStatus(tx: Transaction, jobId: string, status: StoredJobStatus): Promise<void> {
    await entityManagerOf(tx).query(`UPDATE jobs SET status = $2, updated_at = clock_timestamp() WHERE id = $1`, [
      jobId,
      status,
    ]);
  }
}
