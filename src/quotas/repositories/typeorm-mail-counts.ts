import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { EntityManager } from 'typeorm';
import { entityManagerOf } from '../../database/typeorm-transaction-runner.js';
import type { Transaction } from '../../kernel/transaction.js';
import { hourOf } from '../domain/mail-quota.js';
import type { MailHour } from '../domain/mail-quota.js';
import type { IMailCounts } from '../interfaces/mail-counts.js';

@Injectable()
export class TypeormMailCounts implements IMailCounts {
  constructor(private readonly dataSource: DataSource) {}

  read(userId: string): Promise<{ hours: MailHour[]; now: Date }> {
    return readWith(this.dataSource.manager, userId);
  }

  async lock(tx: Transaction, userId: string): Promise<{ hours: MailHour[]; now: Date } | null> {
    const manager = entityManagerOf(tx);
    const found = await manager.query<unknown[]>('SELECT FROM users WHERE id = $1 FOR NO KEY UPDATE', [userId]);
    return found.length > 0 ? readWith(manager, userId) : null;
  }

  async add(tx: Transaction, userId: string, count: number, now: Date): Promise<void> {
    const manager = entityManagerOf(tx);
    await manager.query(
      `INSERT INTO mail_counts AS c (user_id, hour, sent) VALUES ($1, $2, $3)
       ON CONFLICT (user_id, hour) DO UPDATE SET sent = c.sent + excluded.sent`,
      [userId, hourOf(now), count],
    );
    await manager.query(`DELETE FROM mail_counts WHERE user_id = $1 AND hour < $2::timestamptz - interval '2 days'`, [
      userId,
      now,
    ]);
  }
}

async function readWith(manager: EntityManager, userId: string): Promise<{ hours: MailHour[]; now: Date }> {
  const [row] = await manager.query<[{ now: Date; hours: { hour: string; sent: number }[] }]>(
    `SELECT clock_timestamp() AS now, coalesce(
       (SELECT jsonb_agg(jsonb_build_object('hour', hour, 'sent', sent)) FROM mail_counts
        WHERE user_id = $1 AND hour > clock_timestamp() - interval '1 day'), '[]') AS hours`,
    [userId],
  );
  return { now: row.now, hours: row.hours.map(({ hour, sent }) => ({ hour: new Date(hour), sent })) };
}
