import { Injectable } from '@nestjs/common';
import { entityManagerOf } from '../../database/typeorm-transaction-runner.js';
import type { Transaction } from '../../kernel/transaction.js';
import type { Job } from '../domain/job.js';
import type { IJobOwners } from '../interfaces/job-owners.js';
import { jobColumns } from './job-sql.js';

@Injectable()
export class TypeormJobOwners implements IJobOwners {
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
}
