import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { declaredRoutes } from './declared-routes.js';
import { accessRule } from '../decorators/access.decorator.js';
import { publicRoute } from '../decorators/public.decorator.js';

/** Stops the boot when a route does not say who may use it, so that none is open, or closed, by oversight. */
@Injectable()
export class AccessDeclarations implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  onModuleInit(): void {
    const keys = [publicRoute, accessRule];
    const silent = declaredRoutes(this.discovery, this.scanner)
      .filter(({ targets }) => keys.every((key) => this.reflector.getAllAndOverride(key, targets) === undefined))
      .map(({ name }) => name);
    if (silent.length > 0)
      throw new Error(
        `These routes do not declare who may use them; add @Access(…) or @Public(): ${silent.join(', ')}`,
      );
  }
}
