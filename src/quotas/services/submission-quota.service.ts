import { Inject, Injectable } from '@nestjs/common';
import type { Allowance, Taken } from '../../limits/domain/allowance.js';
import { IRateLimiter } from '../../limits/interfaces/rate-limiter.js';
import { andThen } from '../../kernel/maybe-promise.js';
import type { MaybePromise } from '../../kernel/maybe-promise.js';
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
  take(userId: string, count: number): MaybePromise<void> {
    const quotas = this.quotas.known(userId) ?? this.quotas.of(userId);
    return andThen(quotas, ({ submissionsPerMinute: allowed }) =>
      allowed === 0 ? undefined : this.takeOf(submissionAllowance(allowed), userId, count),
    );
  }

  private takeOf(allowance: Allowance, userId: string, count: number): Promise<void> {
    return this.limiter
      .take(allowance, userId, count)
      .then((taken) => (taken.allowed ? undefined : this.refuse(taken, userId, count)));
  }

  private async refuse({ allowance, resetSeconds }: Taken, userId: string, count: number): Promise<never> {
    const used = await this.limiter.used(allowance, userId);
    throw quotaReached(
      'too_many',
      'SUBMISSION_QUOTA_REACHED',
      `You may submit ${allowance.points} jobs in a minute and have submitted ${used}; ${count} more would be too many. Try again in ${resetSeconds} s.`,
      { quota: 'submissionsPerMinute', allowed: allowance.points, used, retryAfterSeconds: resetSeconds },
    );
  }
}
