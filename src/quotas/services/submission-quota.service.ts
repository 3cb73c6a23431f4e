import { Inject, Injectable } from '@nestjs/common';
import { IRateLimiter } from '../../limits/interfaces/rate-limiter.js';
import { quotaReached } from '../domain/quotas.js';
import { submissionAllowance } from '../domain/submission-allowance.js';
import { QuotasService } from './quotas.service.js';

/** How many jobs a user submits in a minute. */
@Injectable()
export class SubmissionQuotaService {
  constructor(
    @Inject(IRateLimiter) private readonly limiter: IRateLimiter,
    private readonly quotas: QuotasService,
  ) {}

  /**
   * Takes `count` submissions, all of them or none.
   * @throws too_many `SUBMISSION_QUOTA_REACHED`
   */
  async take(userId: string, count: number): Promise<void> {
    const { submissionsPerMinute: allowed } = this.quotas.known(userId) ?? (await this.quotas.of(userId));
    if (allowed === 0) return;
    const allowance = submissionAllowance(allowed);
    const taken = await this.limiter.take(allowance, userId, count);
    if (taken.allowed) return;
    const used = await this.limiter.used(allowance, userId);
    throw quotaReached(
      'too_many',
      'SUBMISSION_QUOTA_REACHED',
      `You may submit ${allowed} jobs in a minute and have submitted ${used}; ${count} more would be too many. Try again in ${taken.resetSeconds} s.`,
      { quota: 'submissionsPerMinute', allowed, used, retryAfterSeconds: taken.resetSeconds },
    );
  }
}
