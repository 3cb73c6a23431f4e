import { Inject, Injectable } from '@nestjs/common';
import type { FieldProblem } from '../../kernel/errors.js';
import type { JsonObject } from '../../kernel/json.js';
import type { IHandlerCatalogue } from '../../jobs/interfaces/handler-catalogue.js';
import { HandlerRegistry } from '../domain/handler-registry.js';
import { readPayload } from './payload-reader.js';

@Injectable()
export class HandlerCatalogue implements IHandlerCatalogue {
  constructor(@Inject(HandlerRegistry) private readonly registry: HandlerRegistry) {}

  names(): string[] {
    return this.registry.names();
  }

  async validate(name: string, stored: JsonObject): Promise<FieldProblem[]> {
    const handler = this.registry.find(name);
    if (!handler) return [{ pointer: '', detail: `There is no handler "${name}".` }];
    const { problems, payload } = await readPayload(handler, stored);
    // A handler's own rules rely on the shape that its payload class promises.
    return problems.length > 0 ? problems : ((await handler.instance.validate?.(payload as never)) ?? []);
  }
}
