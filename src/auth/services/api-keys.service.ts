import { Inject, Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { IClock } from '../../kernel/clock.js';
import { DomainError, conflict, invalid } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import type { Page, PageRequest } from '../../kernel/page.js';
import type { Principal, Scope } from '../../kernel/principal.js';
import { ITransactionRunner } from '../../kernel/transaction.js';
import { accountGone } from '../../users/domain/user.js';
import { IUserRepository } from '../../users/interfaces/user-repository.js';
import { newApiKeyText } from '../domain/api-key.js';
import type { ApiKey } from '../domain/api-key.js';
import { digestOf } from '../domain/secret-token.js';
import { IApiKeyRepository } from '../interfaces/api-key-repository.js';
import { PrincipalsService } from './principals.service.js';

export interface NewApiKey {
  name: string;
  scopes: Scope[];
  expiresAt: Date | null;
}

@Injectable()
export class ApiKeysService {
  private readonly most: number;

  constructor(
    @Inject(IApiKeyRepository) private readonly keys: IApiKeyRepository,
    @Inject(IClock) private readonly clock: IClock,
    private readonly principals: PrincipalsService,
    @Inject(IUserRepository) private readonly users: IUserRepository,
    @Inject(ITransactionRunner) private readonly transactions: ITransactionRunner,
    @Inject(Config) config: Config,
  ) {
    this.most = config.auth.apiKeysPerUser;
  }

  /**
   * @returns the key with its text, which is kept nowhere
   * @throws forbidden `ROLE_REQUIRED` for a scope beyond the owner; conflict `TOO_MANY_API_KEYS`; invalid when it would have expired already
   */
  async create({ userId, role }: Principal, wanted: NewApiKey): Promise<ApiKey & { text: string }> {
    const now = this.clock.now();
    if (wanted.expiresAt && wanted.expiresAt <= now)
      throw invalid([{ pointer: '/expiresAt', detail: 'expiresAt must be in the future.' }]);
    if (role !== 'admin' && wanted.scopes.some((scope) => scope.startsWith('admin:')))
      throw new DomainError('forbidden', 'ROLE_REQUIRED', 'A scope that begins with "admin:" needs the role "admin".', {
        missing: { role: 'admin' },
      });
    const id = newId();
    const { text, secret, hint } = newApiKeyText(id);
    const key: ApiKey = {
      id,
      userId,
      name: wanted.name,
      scopes: [...new Set(wanted.scopes)],
      digest: digestOf(secret),
      hint,
      expiresAt: wanted.expiresAt,
      lastUsedAt: null,
      createdAt: now,
    };
    await this.transactions.run(async (tx) => {
      // Of two at once, the second counts the first's.
      if (!(await this.users.lock(tx, userId))) throw accountGone();
      if ((await this.keys.count(tx, userId)) >= this.most)
        throw conflict('TOO_MANY_API_KEYS', `You have ${this.most} API keys, which is the most; delete one first.`);
      await this.keys.insert(tx, key);
    });
    return { ...key, text };
  }

  list(userId: string, page: PageRequest): Promise<Page<ApiKey>> {
    return this.keys.list(userId, page);
  }

  /** @throws DomainError `not_found`, also for somebody else's */
  async delete(id: string, userId: string): Promise<void> {
    if (!(await this.keys.delete(id, userId)))
      throw new DomainError('not_found', 'API_KEY_NOT_FOUND', 'There is no such API key.');
    this.principals.forget(userId);
  }
}
