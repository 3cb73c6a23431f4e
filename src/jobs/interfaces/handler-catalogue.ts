import type { FieldProblem } from '../../kernel/errors.js';
import type { JsonObject } from '../../kernel/json.js';
import type { MaybePromise } from '../../kernel/maybe-promise.js';

/** The handlers of this deployment, as submissions see them. */
export interface IHandlerCatalogue {
  /** Names of all handlers, sorted. */
  names(): string[];
  /**
   * Checks a payload before anything is stored. Where it refers to a secret, only whether a text may stand there.
   * @returns what is wrong, with pointers relative to the payload (`/url`); empty when the handler would accept it. A promise
   * only where something has to be looked at
   */
  validate(handler: string, payload: JsonObject): MaybePromise<FieldProblem[]>;
}
export const IHandlerCatalogue = Symbol('IHandlerCatalogue');
