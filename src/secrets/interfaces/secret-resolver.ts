import type { JsonObject } from '../../kernel/json.js';
import type { Redactor } from '../domain/redaction/redactor.js';

export interface Resolved {
  /** For the attempt's handler alone: kept nowhere, shown to nobody. */
  payload: JsonObject;
  /** Takes every value that was put in out of whatever the attempt says. */
  redactor: Redactor;
}

export interface ISecretResolver {
  /**
   * Puts the owner's secrets where the payload refers to them.
   * @param userId whose secrets: the owner of the job, whoever submitted, changed or triggered it
   * @throws UnusableSecret when one is gone, cannot be opened, or a reference is not written as it must be
   */
  resolve(payload: JsonObject, userId: string): Promise<Resolved>;
}
export const ISecretResolver = Symbol('ISecretResolver');
