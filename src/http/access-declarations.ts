import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { accessRule } from './decorators/access.decorator.js';
import { publicRoute } from './decorators/public.decorator.js';

type Handler = (...sent: unknown[]) => unknown;

/** Stops the boot when a route does not say who may use it, so that none is open, or closed, by oversight. */
@Injectable()
export class AccessDeclarations implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  onModuleInit(): void {
    const silent = this.discovery
      .getControllers()
      .flatMap(({ metatype }) => (metatype ? this.silentRoutes(metatype) : []));
    if (silent.length > 0)
      throw new Error(
        `These routes do not declare who may use them; add @Access(…) or @Public(): ${silent.join(', ')}`,
      );
  }

  /** Routes of the controller that are neither public nor have a rule, as `Controller.method`. */
  private silentRoutes(controller: object): string[] {
    const { prototype, name } = controller as { prototype: Record<string, Handler>; name: string };
    return this.scanner
      .getAllMethodNames(prototype)
      .filter((method) => {
        const handler = prototype[method];
        if (!handler || !Reflect.hasMetadata(PATH_METADATA, handler)) return false;
        const targets = [handler, controller as Handler];
        return [publicRoute, accessRule].every((key) => this.reflector.getAllAndOverride(key, targets) === undefined);
      })
      .map((method) => `${name}.${method}`);
  }
}
