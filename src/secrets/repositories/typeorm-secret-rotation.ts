import { Injectable } from '@nestjs/common';
import { DataSource, MoreThan, Not } from 'typeorm';
import type { StoredSecret } from '../domain/secret.js';
import { SecretEntity } from '../entities/secret.entity.js';
import type { ISecretRotation, Resealed } from '../interfaces/secret-rotation.js';

@Injectable()
export class TypeormSecretRotation implements ISecretRotation {
  constructor(private readonly dataSource: DataSource) {}

  async countByVersion(): Promise<Map<number, number>> {
    const rows = await this.dataSource.query<{ version: number; count: number }[]>(
      `SELECT key_version AS version, count(*)::integer AS count FROM secrets GROUP BY key_version ORDER BY key_version`,
    );
    return new Map(rows.map(({ version, count }) => [version, count]));
  }

  sealedOtherwise(version: number, afterId: string | null, limit: number): Promise<StoredSecret[]> {
    return this.dataSource.manager.find(SecretEntity, {
      where: { keyVersion: Not(version), ...(afterId !== null && { id: MoreThan(afterId) }) },
      order: { id: 'ASC' },
      take: limit,
    });
  }

  async reseal(pairs: readonly Resealed[]): Promise<number> {
    // Each sealing has a new nonce, so an unchanged nonce proves an unchanged value.
    const [, count] = await this.dataSource.query<[unknown, number]>(
      `UPDATE secrets s SET key_version = n.key_version, nonce = n.nonce, ciphertext = n.ciphertext
       FROM unnest($1::uuid[], $2::bytea[], $3::integer[], $4::bytea[], $5::bytea[])
         AS n (id, read_nonce, key_version, nonce, ciphertext)
       WHERE s.id = n.id AND s.nonce = n.read_nonce`,
      [
        pairs.map(({ read }) => read.id),
        pairs.map(({ read }) => read.nonce),
        pairs.map(({ sealed }) => sealed.keyVersion),
        pairs.map(({ sealed }) => sealed.nonce),
        pairs.map(({ sealed }) => sealed.ciphertext),
      ],
    );
    return count;
  }
}
