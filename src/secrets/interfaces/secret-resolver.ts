import type { JsonObject } from '../../kernel/json.js';
import type { Redactor } from '../domain/redaction/redactor.js';

export interface Resolved {
  /** The payload with values, for the attempt's handler alone: it must not be stored or shown. */
  payload: JsonObject;
  /** Removes the inserted values from the attempt's result, error and log lines. */
  redactor: Redactor;
}

export interface ISecretResolver {
  /**
   * Replaces each reference in the payload by the secret's value.
   * @param userId the owner of the job; its secrets are used, whichever account submitted, changed or triggered the job
   * @throws UnusableSecret when a secret does not exist or cannot be opened, or a reference is malformed
   */
  resolve(payload: JsonObject, userId: string): Promise<Resolved>;
}
export const ISecretResolver = Symbol('ISecretResolver');
