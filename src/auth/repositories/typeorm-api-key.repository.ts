import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { entityManagerOf } from '../../database/typeorm-transaction-runner.js';
import { pageOf } from '../../kernel/page.js';
import type { Page, PageRequest } from '../../kernel/page.js';
import type { Transaction } from '../../kernel/transaction.js';
import type { ApiKey } from '../domain/api-key.js';
import { ApiKeyEntity } from '../entities/api-key.entity.js';
import type { IApiKeyRepository } from '../interfaces/api-key-repository.js';

@Injectable()
export class TypeormApiKeyRepository implements IApiKeyRepository {
  constructor(private readonly dataSource: DataSource) {}

  async insert(tx: Transaction, { scopes, ...key }: ApiKey): Promise<void> {
    await entityManagerOf(tx).insert(ApiKeyEntity, { ...key, scopes: [...scopes] });
  }

  count(tx: Transaction, userId: string): Promise<number> {
    return entityManagerOf(tx).countBy(ApiKeyEntity, { userId });
  }

  find(id: string): Promise<ApiKey | null> {
    return this.dataSource.manager.findOneBy(ApiKeyEntity, { id });
  }

  async list(userId: string, page: PageRequest): Promise<Page<ApiKey>> {
    const [rows, total] = await this.dataSource.manager.findAndCount(ApiKeyEntity, {
      where: { userId },
      order: { id: 'DESC' },
      skip: (page.page - 1) * page.limit,
      take: page.limit,
    });
    return pageOf<ApiKey>(rows, total, page);
  }

  async delete(id: string, userId: string): Promise<boolean> {
    const { affected } = await this.dataSource.manager.delete(ApiKeyEntity, { id, userId });
    return affected === 1;
  }

  async touch(id: string): Promise<void> {
    await this.dataSource.query(`UPDATE api_keys SET last_used_at = date_trunc('minute', now()) WHERE id = $1`, [id]);
  }
}
