import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { entityManagerOf } from '../../database/typeorm-transaction-runner.js';
import type { Transaction } from '../../kernel/transaction.js';
import type { Job } from '../domain/job.js';
import type { IJobOwners } from '../interfaces/job-owners.js';
import { jobColumns } from './job-sql.js';

@Injectable()
export class TypeormJobOwners implements IJobOwners {
  constructor(private readonly dataSource: DataSource) {}

  lockUnfinished(tx: Transaction, userId: string): Promise<Job[]> {
    return entityManagerOf(tx).query<Job[]>(
      `SELECT ${jobColumns} FROM jobs j
       WHERE j.user_id = $1 AND j.status IN ('pending', 'paused')
       ORDER BY j.id
       FOR NO KEY UPDATE`,
      [userId],
    );
  }

  async lock(tx: Transaction, userId: string): Promise<string[]> {
    const rows = await entityManagerOf(tx).query<{ id: string }[]>(
      `SELECT id FROM jobs WHERE user_id = $1 ORDER BY id FOR UPDATE`,
      [userId],
    );
    return rows.map(({ id }) => id);
  }

  async hand(tx: Transaction, userId: string, heirId: string): Promise<void> {
    await entityManagerOf(tx).query(`UPDATE jobs SET user_id = $2 WHERE user_id = $1`, [userId, heirId]);
  }

  async markToAlign(tx: Transaction, userId: string): Promise<void> {
    await entityManagerOf(tx).query(`UPDATE users SET jobs_to_align = true WHERE id = $1`, [userId]);
  }

  async findToAlign(): Promise<string | null> {
    const [row] = await this.dataSource.query<{ id: string }[]>(
      `SELECT id FROM users WHERE jobs_to_align ORDER BY id LIMIT 1`,
    );
    return row?.id ?? null;
  }

  async aligned(tx: Transaction, userId: string): Promise<void> {
    await entityManagerOf(tx).query(`UPDATE users SET jobs_to_align = false WHERE id = $1`, [userId]);
  }

  /** A transaction that disables an account first locks its row exclusively. This statement waits for that lock, and then reads the row again. */
  async holdActive(tx: Transaction, userId: string): Promise<boolean> {
    const rows = await entityManagerOf(tx).query<unknown[]>(
      `SELECT 1 FROM users WHERE id = $1 AND is_active FOR KEY SHARE`,
      [userId],
    );
    return rows.length > 0;
  }

  async lockActivity(tx: Transaction, userId: string): Promise<boolean | null> {
    const [row] = await entityManagerOf(tx).query<{ isActive: boolean }[]>(
      `SELECT is_active AS "isActive" FROM users WHERE id = $1 FOR NO KEY UPDATE`,
      [userId],
    );
    return row?.isActive ?? null;
  }

  async suspend(tx: Transaction, userId: string, note: string, limit: number): Promise<number> {
    const [, count] = await entityManagerOf(tx).query<[unknown[], number]>(
      `UPDATE jobs SET status = 'paused', paused_at = clock_timestamp(), paused_until = NULL, pause_note = $2,
              pause_reason = 'account_disabled', updated_at = clock_timestamp()
       WHERE id = ANY (ARRAY (
         SELECT id FROM jobs WHERE user_id = $1 AND status = 'pending' ORDER BY id LIMIT $3 FOR NO KEY UPDATE))`,
      [userId, note, limit],
    );
    return count;
  }

  async endSuspensions(tx: Transaction, userId: string, limit: number): Promise<number> {
    const [, count] = await entityManagerOf(tx).query<[unknown[], number]>(
      `UPDATE jobs SET paused_until = clock_timestamp(), updated_at = clock_timestamp()
       WHERE id = ANY (ARRAY (
         SELECT id FROM jobs
         WHERE user_id = $1 AND status = 'paused' AND pause_reason = 'account_disabled' AND paused_until IS NULL
         ORDER BY id LIMIT $2 FOR NO KEY UPDATE))`,
      [userId, limit],
    );
    return count;
  }
}
