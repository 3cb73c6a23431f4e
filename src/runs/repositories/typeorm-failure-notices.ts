import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { databaseNow } from '../../database/clock-sql.js';
import type { FailureNotice } from '../domain/failure-notice.js';
import { FailureNoticeEntity } from '../entities/failure-notice.entity.js';
import type { IFailureNotices } from '../interfaces/failure-notices.js';

@Injectable()
export class TypeormFailureNotices implements IFailureNotices {
  constructor(private readonly dataSource: DataSource) {}

  async take(limit: number, holdMs: number): Promise<FailureNotice[]> {
    const [taken] = await this.dataSource.query<[{ run_id: string }[], number]>(
      `UPDATE failure_notices SET due_at = clock_timestamp() + $2 * interval '1 ms', tries = tries + 1
       WHERE run_id IN (
         SELECT run_id FROM failure_notices WHERE due_at <= ${databaseNow}
         ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED)
       RETURNING run_id`,
      [limit, holdMs],
    );
    if (taken.length === 0) return [];
    const notices = await this.dataSource.query<FailureNotice[]>(
      `SELECT r.id AS "runId", j.id AS "jobId", j.name AS "jobName", j.handler, r.nominal_at AS "nominalAt",
              r.ended_at AS "failedAt", coalesce(r.reason_detail, r.reason, '') AS error,
              u.id AS "ownerId", u.email AS "ownerEmail", u.name AS "ownerName", n.tries - 1 AS tries, attempts.list AS attempts
       FROM failure_notices n
       JOIN runs r ON r.id = n.run_id
       JOIN jobs j ON j.id = r.job_id
       JOIN users u ON u.id = j.user_id
       CROSS JOIN LATERAL (
         SELECT coalesce(jsonb_agg(jsonb_build_object(
             'number', e.attempt_number, 'status', e.status, 'startedAt', e.started_at,
             'completedAt', e.completed_at, 'errorMessage', e.error_message) ORDER BY e.started_at), '[]') AS list
         FROM executions e WHERE e.run_id = r.id
       ) AS attempts
       WHERE n.run_id = ANY ($1::uuid[])`,
      [taken.map((row) => row.run_id)],
    );
    return notices.map((notice) => ({ ...notice, attempts: notice.attempts.map(withDates) }));
  }

  async done(runId: string): Promise<void> {
    await this.dataSource.manager.delete(FailureNoticeEntity, { runId });
  }

  async postpone(runId: string, delayMs: number): Promise<void> {
    await this.dataSource.query(
      `UPDATE failure_notices SET due_at = clock_timestamp() + $2 * interval '1 ms' WHERE run_id = $1`,
      [runId, delayMs],
    );
  }
}

type Attempt = FailureNotice['attempts'][number];

/** Times come out of `jsonb_build_object` as text. */
const withDates = (attempt: Attempt): Attempt => ({
  ...attempt,
  startedAt: new Date(attempt.startedAt),
  completedAt: attempt.completedAt && new Date(attempt.completedAt),
});
