import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { ApiKey } from '../domain/api-key.js';
import { ApiKeyEntity } from '../entities/api-key.entity.js';
import type { IApiKeyRepository } from '../interfaces/api-key-repository.js';

@Injectable()
export class TypeormApiKeyRepository implements IApiKeyRepository {
  constructor(private readonly dataSource: DataSource) {}

  async insert({ scopes, ...key }: ApiKey): Promise<void> {
    await this.dataSource.manager.insert(ApiKeyEntity, { ...key, scopes: [...scopes] });
  }

  find(id: string): Promise<ApiKey | null> {
    return this.dataSource.manager.findOneBy(ApiKeyEntity, { id });
  }

  list(userId: string): Promise<ApiKey[]> {
    return this.dataSource.manager.find(ApiKeyEntity, { where: { userId }, order: { id: 'DESC' } });
  }

  async delete(id: string, userId: string): Promise<boolean> {
    const { affected } = await this.dataSource.manager.delete(ApiKeyEntity, { id, userId });
    return affected === 1;
  }

  async touch(id: string): Promise<void> {
    await this.dataSource.query(`UPDATE api_keys SET last_used_at = date_trunc('minute', now()) WHERE id = $1`, [id]);
  }
}
