import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { exclusively } from '../../../database/advisory-lock.js';
import { databaseNow } from '../../../database/clock-sql.js';
import { newId } from '../../../kernel/ids.js';
import { LedgerCheckEntity } from '../entities/ledger-check.entity.js';
import type { CheckedJob, ILedgerChecks, LedgerCheck, OverdueJob } from '../interfaces/ledger-checks.js';

/** Names the advisory lock; any number that nothing else in the database uses. */
const auditLock = 7_263_411;

@Injectable()
export class TypeormLedgerChecks implements ILedgerChecks {
  constructor(private readonly dataSource: DataSource) {}

  async now(): Promise<Date> {
    const [row] = await this.dataSource.query<[{ now: Date }]>('SELECT clock_timestamp() AS now');
    return row.now;
  }

  exclusively(work: (mustBeAlone: () => void) => Promise<void>): Promise<boolean> {
    return exclusively(this.dataSource, auditLock, work);
  }

  jobsAfter(after: string | null, changedSince: Date, limit: number): Promise<CheckedJob[]> {
    return this.dataSource.query<CheckedJob[]>(
      `SELECT id, user_id AS "userId", name FROM jobs
       WHERE ($1::uuid IS NULL OR id > $1) AND type = 'recurring'
         AND (status IN ('pending', 'paused') OR updated_at >= $2)
       ORDER BY id LIMIT $3`,
      [after, changedSince, limit],
    );
  }

  async last(): Promise<LedgerCheck | null> {
    const [row] = await this.dataSource.manager.find(LedgerCheckEntity, { order: { endedAt: 'DESC' }, take: 1 });
    if (!row) return null;
    const { startedAt, endedAt, jobs, expected, missing } = row;
    return { startedAt, endedAt, jobs, expected: Number(expected), missing };
  }

  async record(audit: LedgerCheck): Promise<void> {
    const { expected, ...rest } = audit;
    await this.dataSource.manager.insert(LedgerCheckEntity, { id: newId(), ...rest, expected: String(expected) });
  }

  async prune(ageMs: number): Promise<number> {
    const [, count] = await this.dataSource.query<[unknown[], number]>(
      `DELETE FROM ledger_audits
       WHERE ended_at < ${databaseNow} - $1 * interval '1 ms' AND ended_at < (SELECT max(ended_at) FROM ledger_audits)`,
      [ageMs],
    );
    return count;
  }

  async overdue(byMs: number, limit: number): Promise<{ total: number; jobs: OverdueJob[] }> {
    const rows = await this.dataSource.query<(OverdueJob & { total: number })[]>(
      `SELECT id, name, next_run_at AS "nextRunAt", count(*) OVER ()::integer AS total FROM jobs
       WHERE status = 'pending' AND next_run_at < ${databaseNow} - $1 * interval '1 ms'
       ORDER BY next_run_at LIMIT $2`,
      [byMs, limit],
    );
    return { total: rows[0]?.total ?? 0, jobs: rows.map(({ id, name, nextRunAt }) => ({ id, name, nextRunAt })) };
  }
}
