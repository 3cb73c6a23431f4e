import { Inject, Injectable } from '@nestjs/common';
import { TtlCache } from '../../kernel/ttl-cache.js';
import { Config } from '../../config/config.js';
import { IClock } from '../../kernel/clock.js';
import { effective } from '../domain/quotas.js';
import type { QuotaOverrides, Quotas } from '../domain/quotas.js';
import { IQuotaRepository } from '../interfaces/quota-repository.js';

/** What each user may have and do. A change is noticed by other processes within five seconds, here at once. */
@Injectable()
export class QuotasService {
  private readonly recent: TtlCache<{ userId: string; quotas: Quotas }>;

  constructor(
    @Inject(IQuotaRepository) private readonly repository: IQuotaRepository,
    @Inject(IClock) clock: IClock,
    @Inject(Config) private readonly config: Config,
  ) {
    this.recent = new TtlCache(() => clock.monotonicMs());
  }

  async of(userId: string): Promise<Quotas> {
    const ask = async () => ({ userId, quotas: this.apply(await this.repository.find(userId)) });
    return (await this.recent.of(userId, ask)).quotas;
  }

  /** As `of`, where the answer is known; undefined: ask. */
  known(userId: string): Quotas | undefined {
    return this.recent.peek(userId)?.quotas;
  }

  apply(overrides: QuotaOverrides): Quotas {
    return effective(this.config.quotas, overrides);
  }

  /** Asks the database again. */
  forget(userId: string): void {
    this.recent.forget((known) => known.userId === userId);
  }
}
