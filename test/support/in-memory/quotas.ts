import { noOverrides } from '../../../src/quotas/domain/quotas.js';
import type { QuotaOverrides } from '../../../src/quotas/domain/quotas.js';
import { hourOf } from '../../../src/quotas/domain/mail-quota.js';
import type { MailHour } from '../../../src/quotas/domain/mail-quota.js';
import type { IMailCounts } from '../../../src/quotas/interfaces/mail-counts.js';
import type { IQuotaRepository } from '../../../src/quotas/interfaces/quota-repository.js';
import type { IClock } from '../../../src/kernel/clock.js';
import type { Transaction } from '../../../src/kernel/transaction.js';

export class InMemoryQuotaRepository implements IQuotaRepository {
  private readonly rows = new Map<string, QuotaOverrides>();

  async find(userId: string): Promise<QuotaOverrides> {
    return this.rows.get(userId) ?? noOverrides;
  }

  async save(userId: string, overrides: QuotaOverrides): Promise<void> {
    this.rows.set(userId, { ...overrides });
  }
}

const dayMs = 86_400_000;

/** One thread: whatever is done between a lock and the next await of its own is done alone. */
export class InMemoryMailCounts implements IMailCounts {
  private readonly sent = new Map<string, Map<number, number>>();

  /** @param isUser whether there is somebody of this id */
  constructor(
    private readonly clock: Pick<IClock, 'now'>,
    private readonly isUser: (id: string) => boolean,
  ) {}

  async read(userId: string): Promise<{ hours: MailHour[]; now: Date }> {
    const now = this.clock.now();
    const hours = [...(this.sent.get(userId) ?? [])]
      .map(([hour, sent]) => ({ hour: new Date(hour), sent }))
      .filter(({ hour }) => hour.getTime() > now.getTime() - dayMs);
    return { hours, now };
  }

  async lock(_: Transaction, userId: string): Promise<{ hours: MailHour[]; now: Date } | null> {
    return this.isUser(userId) ? this.read(userId) : null;
  }

  async add(_: Transaction, userId: string, count: number, now: Date): Promise<void> {
    const hours = this.sent.get(userId) ?? new Map<number, number>();
    const hour = hourOf(now).getTime();
    hours.set(hour, (hours.get(hour) ?? 0) + count);
    this.sent.set(userId, hours);
  }
}
