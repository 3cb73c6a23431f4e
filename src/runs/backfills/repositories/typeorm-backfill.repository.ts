import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { ObjectLiteral } from 'typeorm';
import { smallestId } from '../../../database/id-sql.js';
import { entityManagerOf } from '../../../database/typeorm-transaction-runner.js';
import { pageOf } from '../../../kernel/page.js';
import type { Page, PageRequest } from '../../../kernel/page.js';
import type { PruneStep } from '../../../kernel/retention.js';
import type { Transaction } from '../../../kernel/transaction.js';
import type { Backfill, BackfillView, ListedBackfill } from '../domain/backfill.js';
import { BackfillEntity } from '../entities/backfill.entity.js';
import { PrunedHistoryEntity } from '../../entities/pruned-history.entity.js';
import type { IBackfillRepository, RunningBackfill } from '../interfaces/backfills.js';
import {
  lockOldBackfillStatement,
  pruneBackfillStatement,
  pruneBackfilledStatement,
} from '../../history/repositories/prune-sql.js';

/** A `Backfill` without its schedule, from `backfills b`. */
const columnsWithout = `
  b.id, b.job_id AS "jobId", b.range_from AS "rangeFrom", b.range_to AS "rangeTo",
  b.overlap_policy AS "overlapPolicy", b.state, b.job_version AS "jobVersion", b.total,
  b.next_at AS "nextAt", b.created_at AS "createdAt", b.ended_at AS "endedAt"`;
const columns = `${columnsWithout}, b.schedule`;

/** The runs `r` that the backfill `b` made. Backfills of a job that share times do not run at the same time. */
const itsRuns = `
  r.job_id = b.job_id AND r.trigger = 'backfill' AND r.nominal_at >= b.range_from AND r.nominal_at < b.range_to
  AND r.created_at >= b.created_at AND (b.ended_at IS NULL OR r.created_at <= b.ended_at)`;

const counts = `
  coalesce((SELECT jsonb_object_agg(state, count) FROM (
    SELECT r.state, count(*) FROM runs r WHERE ${itsRuns} GROUP BY r.state) AS states), '{}') AS counts`;

@Injectable()
export class TypeormBackfillRepository implements IBackfillRepository {
  constructor(private readonly dataSource: DataSource) {}

  async insert(tx: Transaction, backfill: Backfill): Promise<void> {
    await entityManagerOf(tx).getRepository<ObjectLiteral>(BackfillEntity).insert(backfill);
  }

  async find(id: string): Promise<BackfillView | null> {
    const [row] = await this.dataSource.query<BackfillView[]>(
      `SELECT ${columns}, ${counts} FROM backfills b WHERE b.id = $1`,
      [id],
    );
    return row ?? null;
  }

  async findByJob(jobId: string, page: PageRequest): Promise<Page<ListedBackfill>> {
    const [rows, total] = await Promise.all([
      this.dataSource.query<ListedBackfill[]>(
        `SELECT ${columnsWithout}, ${counts} FROM backfills b WHERE b.job_id = $1 ORDER BY b.id DESC LIMIT $2 OFFSET $3`,
        [jobId, page.limit, (page.page - 1) * page.limit],
      ),
      this.dataSource.manager.countBy(BackfillEntity, { jobId }),
    ]);
    return pageOf(rows, total, page);
  }

  async findOverlapping(tx: Transaction, jobId: string, from: Date, to: Date): Promise<Backfill | null> {
    const [row] = await entityManagerOf(tx).query<Backfill[]>(
      `SELECT ${columns} FROM backfills b
       WHERE b.job_id = $1 AND b.state = 'running' AND b.range_from < $3 AND b.range_to > $2
       LIMIT 1`,
      [jobId, from, to],
    );
    return row ?? null;
  }

  async timesDone(tx: Transaction, jobId: string, from: Date, to: Date): Promise<Date[]> {
    const rows = await entityManagerOf(tx).query<{ at: Date }[]>(
      `SELECT nominal_at AS at FROM runs
       WHERE job_id = $1 AND trigger = 'backfill' AND nominal_at >= $2 AND nominal_at < $3`,
      [jobId, from, to],
    );
    return rows.map(({ at }) => at);
  }

  async prunedUntil(tx: Transaction, jobId: string): Promise<Date | null> {
    const mark = await entityManagerOf(tx).findOneBy(PrunedHistoryEntity, { jobId });
    return mark?.backfilledUntil ?? null;
  }

  async prune(tx: Transaction, ageMs: number, after: string | null, limit: number): Promise<PruneStep> {
    const manager = entityManagerOf(tx);
    const [old] = await manager.query<{ id: string }[]>(lockOldBackfillStatement, [after ?? smallestId, ageMs]);
    if (!old) return { deleted: 0, next: null };
    const [{ deleted }] = await manager.query<[{ deleted: number }]>(pruneBackfilledStatement, [old.id, ageMs, limit]);
    if (deleted === limit) return { deleted, next: after ?? smallestId };
    await manager.query(pruneBackfillStatement, [old.id]);
    return { deleted, next: old.id };
  }

  lockRunning(tx: Transaction, after: string | null, limit: number): Promise<RunningBackfill[]> {
    return entityManagerOf(tx).query<RunningBackfill[]>(
      `SELECT ${columns}, ${counts}, j.status AS "jobStatus"
       FROM backfills b JOIN jobs j ON j.id = b.job_id
       WHERE b.state = 'running' AND ($1::uuid IS NULL OR b.id > $1)
       ORDER BY b.id LIMIT $2
       FOR UPDATE OF b SKIP LOCKED
       FOR SHARE OF j SKIP LOCKED`,
      [after, limit],
    );
  }

  async advance(tx: Transaction, id: string, nextAt: Date | null): Promise<void> {
    await entityManagerOf(tx).update(BackfillEntity, { id }, { nextAt });
  }

  async end(tx: Transaction, id: string, state: 'completed' | 'cancelled'): Promise<boolean> {
    const [, count] = await entityManagerOf(tx).query<[unknown[], number]>(
      `UPDATE backfills SET state = $2, ended_at = clock_timestamp() WHERE id = $1 AND state = 'running'`,
      [id, state],
    );
    return count > 0;
  }

  async cancelWaiting(tx: Transaction, id: string): Promise<number> {
    const [, count] = await entityManagerOf(tx).query<[unknown[], number]>(
      `UPDATE runs r SET state = 'cancelled', reason = 'backfill_cancelled', ended_at = clock_timestamp()
       FROM backfills b
       WHERE b.id = $1 AND ${itsRuns} AND r.ended_at IS NULL AND r.state IN ('scheduled', 'retrying')`,
      [id],
    );
    return count;
  }
}
