import type { RequestMethod, Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import type { DiscoveryService, MetadataScanner } from '@nestjs/core';

type Handler = (...sent: unknown[]) => unknown;

/** A controller's method that answers requests. */
export interface DeclaredRoute {
  /** As `Controller.method`. */
  name: string;
  method: RequestMethod;
  /** Where its decorators' metadata are: the method, then the controller. */
  targets: [handler: Handler, controller: Type];
}

/** Every route of the program. */
export function declaredRoutes(discovery: DiscoveryService, scanner: MetadataScanner): DeclaredRoute[] {
  return discovery
    .getControllers()
    .flatMap(({ metatype }) => (metatype ? routesOf(metatype as unknown as Type, scanner) : []));
}

function routesOf(controller: Type, scanner: MetadataScanner): DeclaredRoute[] {
  const prototype = controller.prototype as Record<string, Handler>;
  return scanner.getAllMethodNames(prototype).flatMap((name): DeclaredRoute[] => {
    const handler = prototype[name];
    if (!handler || !Reflect.hasMetadata(PATH_METADATA, handler)) return [];
    const method = Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod;
    return [{ name: `${controller.name}.${name}`, method, targets: [handler, controller] }];
  });
}
