import type { Page, PageRequest } from '../../kernel/page.js';
import type { Transaction } from '../../kernel/transaction.js';
import type { ApiKey } from '../domain/api-key.js';

export interface IApiKeyRepository {
  insert(tx: Transaction, key: ApiKey): Promise<void>;

  /** How many the user has, expired ones included. */
  count(tx: Transaction, userId: string): Promise<number>;

  /** Of whoever it is. */
  find(id: string): Promise<ApiKey | null>;

  /** The newest first, expired ones included. */
  list(userId: string, page: PageRequest): Promise<Page<ApiKey>>;

  /** @returns whether the user had such a key */
  delete(id: string, userId: string): Promise<boolean>;

  /** Notes that the key was used now. */
  touch(id: string): Promise<void>;
}
export const IApiKeyRepository = Symbol('IApiKeyRepository');
