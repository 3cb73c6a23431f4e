import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { databaseNow } from '../../database/clock-sql.js';
import { entityManagerOf } from '../../database/typeorm-transaction-runner.js';
import type { JsonValue } from '../../kernel/json.js';
import type { Transaction } from '../../kernel/transaction.js';
import type { IIdempotencyStore, KeyedRequest } from '../interfaces/idempotency-store.js';

@Injectable()
export class TypeormIdempotencyStore implements IIdempotencyStore {
  constructor(private readonly dataSource: DataSource) {}

  async take(tx: Transaction, request: KeyedRequest): Promise<{ fingerprint: string; answer: JsonValue } | null> {
    const manager = entityManagerOf(tx);
    const { userId, route, key, fingerprint } = request;
    const taken = await manager.query<unknown[]>(
      `INSERT INTO idempotency_keys (user_id, route, key, fingerprint, answer) VALUES ($1, $2, $3, $4, 'null')
       ON CONFLICT DO NOTHING RETURNING key`,
      [userId, route, key, fingerprint],
    );
    if (taken.length > 0) return null;
    const [earlier] = await manager.query<[{ fingerprint: string; answer: JsonValue }]>(
      'SELECT fingerprint, answer FROM idempotency_keys WHERE user_id = $1 AND route = $2 AND key = $3',
      [userId, route, key],
    );
    return earlier;
  }

  async keep(tx: Transaction, { userId, route, key }: KeyedRequest, answer: JsonValue): Promise<void> {
    await entityManagerOf(tx).query(
      'UPDATE idempotency_keys SET answer = $4 WHERE user_id = $1 AND route = $2 AND key = $3',
      [userId, route, key, JSON.stringify(answer)],
    );
  }

  async prune(ageMs: number, limit: number): Promise<number> {
    // Found by its place in the table: what is locked stays there until the statement ends.
    const [, count] = await this.dataSource.query<[unknown[], number]>(
      `DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM idempotency_keys WHERE created_at < ${databaseNow} - $1 * interval '1 ms'
         ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED))`,
      [ageMs, limit],
    );
    return count;
  }
}
