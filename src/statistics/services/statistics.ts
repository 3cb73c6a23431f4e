import { Inject, Injectable } from '@nestjs/common';
import { IUserRepository } from '../../users/interfaces/user-repository.js';
import { IStatistics } from '../interfaces/statistics.js';
import type { WorkStatistics } from '../interfaces/statistics.js';

export interface InstallationStatistics extends WorkStatistics {
  users: { total: number; active: number; admins: number };
}

/** What an administrator wants to know first. */
@Injectable()
export class Statistics {
  constructor(
    @Inject(IStatistics) private readonly statistics: IStatistics,
    @Inject(IUserRepository) private readonly users: IUserRepository,
  ) {}

  async statisticsNow(): Promise<InstallationStatistics> {
    const [work, users] = await Promise.all([this.statistics.read(), this.users.count()]);
    return { users, ...work };
  }
}
