import { Injectable } from '@nestjs/common';
import { DataSource, In, QueryFailedError } from 'typeorm';
import { entityManagerOf } from '../../database/typeorm-transaction-runner.js';
import { conflict } from '../../kernel/errors.js';
import type { Transaction } from '../../kernel/transaction.js';
import type { Sealed, Secret, StoredSecret } from '../domain/secret.js';
import { SecretEntity } from '../entities/secret.entity.js';
import type { ISecretRepository } from '../interfaces/secret-repository.js';

const uniqueViolation = '23505';
const shownColumns = `id, user_id AS "userId", name, key_version AS "keyVersion", created_at AS "createdAt",
  updated_at AS "updatedAt", last_used_at AS "lastUsedAt"`;

@Injectable()
export class TypeormSecretRepository implements ISecretRepository {
  constructor(private readonly dataSource: DataSource) {}

  async insert(tx: Transaction, secret: StoredSecret): Promise<void> {
    try {
      await entityManagerOf(tx).insert(SecretEntity, secret);
    } catch (error) {
      if (error instanceof QueryFailedError && (error.driverError as { code?: string }).code === uniqueViolation)
        throw conflict('SECRET_EXISTS', `You already have a secret "${secret.name}"; PUT replaces its value.`);
      throw error;
    }
  }

  count(tx: Transaction, userId: string): Promise<number> {
    return entityManagerOf(tx).countBy(SecretEntity, { userId });
  }

  list(userId: string): Promise<Secret[]> {
    return this.dataSource.query<Secret[]>(
      `SELECT ${shownColumns} FROM secrets WHERE user_id = $1 ORDER BY name COLLATE "C"`,
      [userId],
    );
  }

  findNamed(userId: string, names: readonly string[]): Promise<StoredSecret[]> {
    return this.dataSource.manager.findBy(SecretEntity, { userId, name: In([...names]) });
  }

  async existing(tx: Transaction, userId: string, names: readonly string[]): Promise<string[]> {
    const rows = await entityManagerOf(tx).query<{ name: string }[]>(
      `SELECT name FROM secrets WHERE user_id = $1 AND name = ANY($2)`,
      [userId, names],
    );
    return rows.map(({ name }) => name);
  }

  async replace(tx: Transaction, id: string, { keyVersion, nonce, ciphertext }: Sealed): Promise<Secret | null> {
    const [rows] = await entityManagerOf(tx).query<[Secret[], number]>(
      `UPDATE secrets SET key_version = $2, nonce = $3, ciphertext = $4, updated_at = clock_timestamp()
       WHERE id = $1 RETURNING ${shownColumns}`,
      [id, keyVersion, nonce, ciphertext],
    );
    return rows[0] ?? null;
  }

  async delete(tx: Transaction, userId: string, name: string): Promise<Secret | null> {
    const [rows] = await entityManagerOf(tx).query<[Secret[], number]>(
      `DELETE FROM secrets WHERE user_id = $1 AND name = $2 RETURNING ${shownColumns}`,
      [userId, name],
    );
    return rows[0] ?? null;
  }

  async touch(ids: readonly string[]): Promise<void> {
    await this.dataSource.query(
      `UPDATE secrets SET last_used_at = date_trunc('minute', now())
       WHERE id IN (
         SELECT id FROM secrets
         WHERE id = ANY($1) AND (last_used_at IS NULL OR last_used_at < date_trunc('minute', now()))
         FOR NO KEY UPDATE SKIP LOCKED
       )`,
      [ids],
    );
  }
}
