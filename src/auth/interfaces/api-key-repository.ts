import type { ApiKey } from '../domain/api-key.js';

export interface IApiKeyRepository {
  insert(key: ApiKey): Promise<void>;

  /** Of whoever it is. */
  find(id: string): Promise<ApiKey | null>;

  /** The newest first, expired ones included. */
  list(userId: string): Promise<ApiKey[]>;

  /** @returns whether the user had such a key */
  delete(id: string, userId: string): Promise<boolean>;

  /** Notes that the key was used now. */
  touch(id: string): Promise<void>;
}
export const IApiKeyRepository = Symbol('IApiKeyRepository');
