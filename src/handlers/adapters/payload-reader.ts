import { plainToInstance } from 'class-transformer';
import { validate } from 'class-validator';
import { namesOfEveryObject, problemsOf } from '../../http/pipes/validation-problems.js';
import type { FieldProblem } from '../../kernel/errors.js';
import type { JsonObject } from '../../kernel/json.js';
import type { PayloadClass } from '../domain/job-handler.js';
import type { RegisteredHandler } from '../domain/handler-registry.js';

export type ReadPayload = { problems: FieldProblem[]; payload: object };

/** Turns a stored payload into an instance of the handler's payload class and says what is wrong with it. */
export async function readPayload(handler: RegisteredHandler, stored: JsonObject): Promise<ReadPayload> {
  if (!handler.payload) return { problems: [], payload: stored };
  const foreign = Object.keys(stored).find((key) => namesOfEveryObject.has(key));
  if (foreign !== undefined) return notAllowed(`/${foreign}`, foreign, stored);
  const payload = instanceOf(handler.payload, stored);
  if (!payload) return notAllowed('', 'constructor', stored);
  const errors = await validate(payload, { whitelist: true, forbidNonWhitelisted: true, stopAtFirstError: true });
  return { problems: problemsOf(errors), payload };
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
