import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PROPERTY_DEPS_METADATA } from '@nestjs/common/constants.js';
import { errorText } from '../../domain/error-text.js';
import type { RegisteredHandler } from '../../domain/handler-registry.js';
import { handlerClassIn } from './handler-module.js';

const minMemoryMb = 32;
const maxMemoryMb = 65_536;
const messageBytes = 1_024;

/**
 * Checks what is to run in a thread before any job asks for it.
 * @throws (rejects) Error that lists what is wrong with each handler, and what to write instead
 */
export async function refuseUnthreadable(handlers: RegisteredHandler[]): Promise<void> {
  const problems = (await Promise.all(handlers.map(problemsOf))).flat();
  if (problems.length > 0) throw new Error(`The handlers are not usable:\n  - ${problems.join('\n  - ')}`);
}

async function problemsOf(handler: RegisteredHandler): Promise<string[]> {
  const { thread, instance, origin } = handler;
  if (!thread) return [];
  const problems = [
    problemOfMemory(thread.memoryLimitMb),
    problemOfInjection(instance.constructor),
    await problemOfModule(handler),
  ];
  return problems.filter((problem) => problem !== undefined).map((problem) => `${origin} runs in a thread: ${problem}`);
}

function problemOfMemory(limit: unknown): string | undefined {
  if (limit === undefined) return undefined;
  if (Number.isInteger(limit) && Number(limit) >= minMemoryMb && Number(limit) <= maxMemoryMb) return undefined;
  return `its memoryLimitMb is ${JSON.stringify(limit)}; it must be a whole number from ${minMemoryMb} to ${maxMemoryMb}.`;
}

/** A thread has no container to take anything from. */
function problemOfInjection(target: object & { length: number }): string | undefined {
  const parameters = (Reflect.getMetadata('design:paramtypes', target) as unknown[] | undefined)?.length ?? 0;
  const properties = (Reflect.getMetadata(PROPERTY_DEPS_METADATA, target) as unknown[] | undefined)?.length ?? 0;
  if (target.length === 0 && parameters === 0 && properties === 0) return undefined;
  return (
    'nothing can be injected there, and the thread makes its own instance. Let the constructor take no arguments, and make ' +
    "in it, or in `handle`, what the handler needs; or leave `runIn: 'thread'` out."
  );
}

async function problemOfModule({ name, thread, instance }: RegisteredHandler): Promise<string | undefined> {
  const module: unknown = thread?.module;
  const advice = 'Write `module: import.meta.url` in the file that exports the class.';
  if (typeof module !== 'string' || !URL.canParse(module) || new URL(module).protocol !== 'file:')
    return `its module is ${JSON.stringify(module) ?? 'not given'}, which is no URL of a file. ${advice}`;
  if (!existsSync(fileURLToPath(module))) return `there is no file ${module}. ${advice}`;
  try {
    const { target } = await handlerClassIn(module, name);
    return target === instance.constructor ? undefined : `${module} exports another class of that name. ${advice}`;
  } catch (error) {
    return `${errorText(error, messageBytes)} ${advice}`;
  }
}
