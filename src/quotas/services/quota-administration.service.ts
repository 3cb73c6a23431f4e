import { Inject, Injectable } from '@nestjs/common';
import { IAuditTrail } from '../../audit/interfaces/audit-trail.js';
import { notFound } from '../../kernel/errors.js';
import { IRateLimiter } from '../../limits/interfaces/rate-limiter.js';
import { IUserRepository } from '../../users/interfaces/user-repository.js';
import { changedOverrides } from '../domain/quotas.js';
import type { QuotaOverrides, QuotaUse, QuotaUses } from '../domain/quotas.js';
import { submissionAllowance } from '../domain/submission-allowance.js';
import { ILiveJobs } from '../interfaces/live-jobs.js';
import { IQuotaRepository } from '../interfaces/quota-repository.js';
import { MailQuotaService } from './mail-quota.service.js';
import { QuotasService } from './quotas.service.js';

/** Jobs of a user who has no limit are counted no further. */
const mostCounted = 1_000_000;

/** What users see of their quotas, and admins change. */
@Injectable()
export class QuotaAdministrationService {
  constructor(
    @Inject(IQuotaRepository) private readonly repository: IQuotaRepository,
    @Inject(IUserRepository) private readonly users: IUserRepository,
    @Inject(ILiveJobs) private readonly jobs: ILiveJobs,
    @Inject(IRateLimiter) private readonly limiter: IRateLimiter,
    private readonly mails: MailQuotaService,
    private readonly quotas: QuotasService,
    @Inject(IAuditTrail) private readonly trail: IAuditTrail,
  ) {}

  /** @throws not_found when there is no such user */
  async of(userId: string): Promise<QuotaUses> {
    if (!(await this.users.findById(userId))) throw notFound('user');
    return this.uses(userId, await this.repository.find(userId));
  }

  /**
   * @param change null takes a quota back to its default, absent leaves it
   * @throws not_found when there is no such user
   */
  async change(userId: string, change: Partial<QuotaOverrides>): Promise<QuotaUses> {
    if (!(await this.users.findById(userId))) throw notFound('user');
    const before = await this.repository.find(userId);
    const overrides = changedOverrides(before, change);
    await this.repository.save(userId, overrides);
    await this.trail.record(null, { target: { kind: 'user', id: userId }, before, after: overrides });
    this.quotas.forget(userId);
    return this.uses(userId, overrides);
  }

  private async uses(userId: string, overrides: QuotaOverrides): Promise<QuotaUses> {
    const quotas = this.quotas.apply(overrides);
    const { submissionsPerMinute } = quotas;
    const [liveJobs, submissions, mails] = await Promise.all([
      this.jobs.count(userId, mostCounted),
      submissionsPerMinute === 0 ? null : this.limiter.used(submissionAllowance(submissionsPerMinute), userId),
      this.mails.use(userId),
    ]);
    const use = (name: keyof QuotaUses, used: number | null): QuotaUse => ({
      ...{ allowed: quotas[name], used, isDefault: overrides[name] === null },
    });
    return {
      liveJobs: use('liveJobs', liveJobs),
      submissionsPerMinute: use('submissionsPerMinute', submissions),
      payloadBytes: use('payloadBytes', null),
      mailsPerHour: use('mailsPerHour', mails.thisHour),
      mailsPerDay: use('mailsPerDay', mails.today),
    };
  }
}
