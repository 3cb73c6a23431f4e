import type { FieldProblem } from '../../kernel/errors.js';
import type { JsonObject } from '../../kernel/json.js';
import type { MaybePromise } from '../../kernel/maybe-promise.js';

/** The handlers of this deployment, as submissions see them. */
export interface IHandlerCatalogue {
  /** Names of all handlers, sorted. */
  names(): string[];
  /**
   * Validates a payload before anything is stored. For a reference to a secret it only checks that a text is allowed there.
   * @returns the faults, with pointers relative to the payload (`/url`); empty when the handler would accept it. A promise only
   * where the handler's validation is asynchronous
   */
  validate(handler: string, payload: JsonObject): MaybePromise<FieldProblem[]>;
}
export const IHandlerCatalogue = Symbol('IHandlerCatalogue');
