import { Inject, Injectable } from '@nestjs/common';
import type { FieldProblem } from '../../kernel/errors.js';
import type { JsonObject } from '../../kernel/json.js';
import type { MaybePromise } from '../../kernel/maybe-promise.js';
import type { IHandlerCatalogue } from '../../jobs/interfaces/handler-catalogue.js';
import { hasReferences, readReferences, replaceReferences } from '../../secrets/domain/secret-reference.js';
import { HandlerRegistry } from '../domain/handler-registry.js';
import type { RegisteredHandler } from '../domain/handler-registry.js';
import { readPayload } from './calls/payload-reader.js';

/** Stands for a secret while a payload is checked: a text that most rules take. */
const placeholder = 'https://secret.invalid/';

@Injectable()
export class HandlerCatalogue implements IHandlerCatalogue {
  constructor(@Inject(HandlerRegistry) private readonly registry: HandlerRegistry) {}

  names(): string[] {
    return this.registry.names();
  }

  validate(name: string, stored: JsonObject): MaybePromise<FieldProblem[]> {
    const handler = this.registry.find(name);
    if (!handler) return [{ pointer: '', detail: `There is no handler "${name}".` }];
    if (!handler.payload && !handler.instance.validate) return [];
    return hasReferences(stored) ? this.validateWithSecrets(handler, stored) : this.validatePlain(handler, stored);
  }

  private async validatePlain(handler: RegisteredHandler, stored: JsonObject): Promise<FieldProblem[]> {
    const { problems, payload } = await readPayload(handler, stored);
    // A handler's own rules rely on the shape that its payload class promises.
    return problems.length > 0 ? problems : ((await handler.instance.validate?.(payload as never)) ?? []);
  }

  /** A value is not known before the attempt, which checks it: here a secret's place is only checked for taking a text. */
  private async validateWithSecrets(handler: RegisteredHandler, stored: JsonObject): Promise<FieldProblem[]> {
    const unknown = new Set(readReferences(stored).references.map(({ pointer }) => pointer));
    const { problems, payload } = await readPayload(
      handler,
      replaceReferences(stored, () => placeholder),
      unknown,
    );
    if (problems.length > 0) return problems;
    const found = await ownProblems(handler, payload);
    return found.filter(({ pointer }) => !unknown.has(pointer));
  }
}

/** None where a rule cannot bear the placeholder. */
async function ownProblems({ instance }: RegisteredHandler, payload: object): Promise<FieldProblem[]> {
  try {
    return (await instance.validate?.(payload as never)) ?? [];
  } catch {
    return [];
  }
}
