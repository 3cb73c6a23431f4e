import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Sealed, StoredSecret } from '../domain/secret.js';
import { SecretEntity } from '../entities/secret.entity.js';
import type { ISecretKeyMarks } from '../interfaces/secret-key-marks.js';

@Injectable()
export class TypeormSecretKeyMarks implements ISecretKeyMarks {
  constructor(private readonly dataSource: DataSource) {}

  all(): Promise<Sealed[]> {
    return this.dataSource.query<Sealed[]>(`SELECT version AS "keyVersion", nonce, ciphertext FROM secret_keys`);
  }

  async add({ keyVersion, nonce, ciphertext }: Sealed): Promise<void> {
    await this.dataSource.query(
      `INSERT INTO secret_keys (version, nonce, ciphertext) VALUES ($1, $2, $3) ON CONFLICT (version) DO NOTHING`,
      [keyVersion, nonce, ciphertext],
    );
  }

  sealedUnder(keyVersion: number, limit: number): Promise<StoredSecret[]> {
    return this.dataSource.manager.find(SecretEntity, {
      where: { keyVersion },
      order: { updatedAt: 'DESC', id: 'ASC' },
      take: limit,
    });
  }
}
