import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { noOverrides } from '../domain/quotas.js';
import type { QuotaOverrides } from '../domain/quotas.js';
import { UserQuotaEntity } from '../entities/user-quota.entity.js';
import type { IQuotaRepository } from '../interfaces/quota-repository.js';

@Injectable()
export class TypeormQuotaRepository implements IQuotaRepository {
  constructor(private readonly dataSource: DataSource) {}

  async find(userId: string): Promise<QuotaOverrides> {
    const found = await this.dataSource.manager.findOneBy(UserQuotaEntity, { userId });
    if (!found) return noOverrides;
    const { liveJobs, submissionsPerMinute, payloadBytes, mailsPerHour, mailsPerDay } = found;
    return { liveJobs, submissionsPerMinute, payloadBytes, mailsPerHour, mailsPerDay };
  }

  async save(userId: string, overrides: QuotaOverrides): Promise<void> {
    await this.dataSource.manager.upsert(
      UserQuotaEntity,
      { userId, ...overrides, updatedAt: () => 'clock_timestamp()' },
      ['userId'],
    );
  }
}
