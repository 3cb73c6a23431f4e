import { Inject, Injectable } from '@nestjs/common';
import { IClock } from '../../kernel/clock.js';
import { DomainError, invalid } from '../../kernel/errors.js';
import { newId } from '../../kernel/ids.js';
import type { Principal, Scope } from '../../kernel/principal.js';
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
  constructor(
    @Inject(IApiKeyRepository) private readonly keys: IApiKeyRepository,
    @Inject(IClock) private readonly clock: IClock,
    private readonly principals: PrincipalsService,
  ) {}

  /**
   * @returns the key with its text, which is kept nowhere
   * @throws forbidden `ROLE_REQUIRED` for a scope beyond the owner; invalid when it would have expired already
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
    await this.keys.insert(key);
    return { ...key, text };
  }

  list(userId: string): Promise<ApiKey[]> {
    return this.keys.list(userId);
  }

  /** @throws DomainError `not_found`, also for somebody else's */
  async delete(id: string, userId: string): Promise<void> {
    if (!(await this.keys.delete(id, userId)))
      throw new DomainError('not_found', 'API_KEY_NOT_FOUND', 'There is no such API key.');
    this.principals.forget(userId);
  }
}
