import type { QuotaOverrides } from '../domain/quotas.js';

/** What admins have set for single users. */
export interface IQuotaRepository {
  /** All null where nothing has been set, or there is no such user. */
  find(userId: string): Promise<QuotaOverrides>;

  /** Sets all of them. The user must exist. */
  save(userId: string, overrides: QuotaOverrides): Promise<void>;
}
export const IQuotaRepository = Symbol('IQuotaRepository');
