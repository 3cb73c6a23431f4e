import { plainToInstance } from 'class-transformer';
import { validate } from 'class-validator';
import type { ValidationError } from 'class-validator';
import { escapePointer } from '../../../kernel/json-pointer.js';
import { namesOfEveryObject, problemsOf } from '../../../http/validation/validation-problems.js';
import type { FieldProblem } from '../../../kernel/errors.js';
import type { JsonObject } from '../../../kernel/json.js';
import type { PayloadClass } from '../../domain/job-handler.js';
import type { RegisteredHandler } from '../../domain/handler-registry.js';

export type ReadPayload = { problems: FieldProblem[]; payload: object };

/** Constraints that a text breaks by being one, whatever it says. */
const notForText = new Set([
  ...['isInt', 'isNumber', 'min', 'max', 'isPositive', 'isNegative', 'isDivisibleBy', 'isBoolean', 'isIn', 'isEnum'],
  ...['isDate', 'isArray', 'arrayMinSize', 'arrayMaxSize', 'isObject', 'isNotEmptyObject', 'nestedValidation'],
]);

/**
 * Turns a stored payload into an instance of the handler's payload class and says what is wrong with it.
 * @param unknown pointers of texts that stand for others: only whether a text may be there is checked
 */
export async function readPayload(
  handler: RegisteredHandler,
  stored: JsonObject,
  unknown: ReadonlySet<string> = new Set(),
): Promise<ReadPayload> {
  if (!handler.payload) return { problems: [], payload: stored };
  const foreign = Object.keys(stored).find((key) => namesOfEveryObject.has(key));
  if (foreign !== undefined) return notAllowed(`/${foreign}`, foreign, stored);
  const payload = instanceOf(handler.payload, stored);
  if (!payload) return notAllowed('', 'constructor', stored);
  const errors = await validate(payload, { whitelist: true, forbidNonWhitelisted: true, stopAtFirstError: true });
  return { problems: problemsOf(unknown.size === 0 ? errors : withoutUnknown(errors, unknown)), payload };
}

function withoutUnknown(errors: ValidationError[], unknown: ReadonlySet<string>, parent = ''): ValidationError[] {
  return errors.flatMap((error) => {
    const pointer = `${parent}/${escapePointer(error.property)}`;
    const names = Object.keys(error.constraints ?? {});
    if (unknown.has(pointer) && !names.some((name) => notForText.has(name) || name === 'whitelistValidation'))
      return [];
    if (names.length > 0) return [error];
    const children = withoutUnknown(error.children ?? [], unknown, pointer);
    return children.length > 0 ? [Object.assign(error, { children })] : [];
  });
}

const notAllowed = (pointer: string, key: string, payload: object): ReadPayload => ({
  problems: [{ pointer, detail: `the key "${key}" is not allowed here.` }],
  payload,
});

/** undefined for what class-transformer fails on: it takes a member named "constructor" for the class to make. */
function instanceOf(payloadClass: PayloadClass, stored: JsonObject): object | undefined {
  try {
    return plainToInstance(payloadClass, stored);
  } catch {
    return undefined;
  }
}
