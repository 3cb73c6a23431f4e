import type { JobHandler, HandlerDeclaration } from './job-handler.js';

export interface RegisteredHandler extends HandlerDeclaration {
  instance: JobHandler<never>;
  /** Where it was found, for messages: the class and its module. */
  origin: string;
}

const namePattern = /^[a-z][a-z0-9-]{0,49}$/;

/** The handlers of this deployment by name. A `Map`, so that no name reaches an object's prototype. */
export class HandlerRegistry {
  private found: ReadonlyMap<string, RegisteredHandler> | undefined;

  /** @param discover lists what carries the decorator; called once, at the first question */
  constructor(private readonly discover: () => RegisteredHandler[]) {}

  names(): string[] {
    return [...this.handlers().keys()].sort();
  }

  find(name: string): RegisteredHandler | undefined {
    return this.handlers().get(name);
  }

  all(): RegisteredHandler[] {
    return [...this.handlers().values()];
  }

  private handlers(): ReadonlyMap<string, RegisteredHandler> {
    return (this.found ??= byName(this.discover()));
  }
}

/** @throws Error that lists every bad name and every name claimed twice */
function byName(found: RegisteredHandler[]): ReadonlyMap<string, RegisteredHandler> {
  const handlers = new Map<string, RegisteredHandler>();
  const problems: string[] = [];
  for (const handler of found) {
    const { name, origin } = handler;
    const other = handlers.get(name);
    if (!namePattern.test(name))
      problems.push(
        `${origin} claims the name "${name}"; a name is a lower-case letter followed by at most 49 lower-case letters, digits or hyphens.`,
      );
    else if (other) problems.push(`${origin} claims the name "${name}", which ${other.origin} has already.`);
    else handlers.set(name, handler);
  }
  if (problems.length > 0) throw new Error(`The handlers are not usable:\n  - ${problems.join('\n  - ')}`);
  return handlers;
}
