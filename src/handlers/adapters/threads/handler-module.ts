import { declarationOf } from '../../domain/job-handler.js';
import type { HandlerDeclaration, JobHandler } from '../../domain/job-handler.js';

type HandlerClass = new () => JobHandler<never>;

export interface HandlerInModule {
  target: HandlerClass;
  declaration: HandlerDeclaration;
}

/**
 * Loads the module and finds the class that it exports as this handler.
 * @throws Error when there is none, or what loading the module throws
 */
export async function handlerClassIn(module: string, name: string): Promise<HandlerInModule> {
  const exported = (await import(module)) as Record<string, unknown>;
  for (const target of Object.values(exported)) {
    const declaration = typeof target === 'function' ? declarationOf(target) : undefined;
    if (declaration?.name === name) return { target: target as HandlerClass, declaration };
  }
  throw new Error(`${module} exports no class with @JobHandler('${name}').`);
}
