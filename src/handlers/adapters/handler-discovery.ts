import type { DiscoveryService } from '@nestjs/core';
import { declarationOf } from '../domain/job-handler.js';
import type { JobHandler } from '../domain/job-handler.js';
import type { RegisteredHandler } from '../domain/handler-registry.js';

/**
 * Every provider of the program whose class carries the decorator, whichever module it is in and however it is provided.
 * Asked only once all providers exist. One instance that is provided under several tokens counts once.
 * @throws Error when such a provider is not a singleton: a run has no request to live in
 */
export function discoverHandlers(discovery: DiscoveryService): RegisteredHandler[] {
  const found = new Map<unknown, RegisteredHandler>();
  for (const wrapper of discovery.getProviders()) {
    const isStatic = wrapper.isDependencyTreeStatic();
    const instance: unknown = isStatic ? wrapper.instance : undefined;
    const target = typeof instance === 'object' && instance !== null ? instance.constructor : wrapper.metatype;
    const declaration = typeof target === 'function' ? declarationOf(target) : undefined;
    if (!declaration || !target) continue;
    const origin = `${target.name} (in ${wrapper.host?.name ?? 'no module'})`;
    if (!isStatic)
      throw new Error(
        `The handlers are not usable:\n  - ${origin} has a request or transient scope; a handler is a singleton.`,
      );
    found.set(instance, { ...declaration, instance: instance as JobHandler<never>, origin });
  }
  return [...found.values()];
}
