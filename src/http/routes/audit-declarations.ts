import { Injectable, RequestMethod } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { DiscoveryService, MetadataScanner, Reflector } from '@nestjs/core';
import { declaredRoutes } from './declared-routes.js';
import { auditedRoute } from '../decorators/audited.decorator.js';

const reading = [RequestMethod.GET, RequestMethod.HEAD, RequestMethod.OPTIONS];

/** Stops the boot when a route that may change something does not say what the audit log calls it. */
@Injectable()
export class AuditDeclarations implements OnModuleInit {
  constructor(
    private readonly discovery: DiscoveryService,
    private readonly scanner: MetadataScanner,
    private readonly reflector: Reflector,
  ) {}

  onModuleInit(): void {
    const silent = declaredRoutes(this.discovery, this.scanner)
      .filter(({ method }) => !reading.includes(method))
      .filter(({ targets: [handler] }) => this.reflector.get<unknown>(auditedRoute, handler) === undefined)
      .map(({ name }) => name);
    if (silent.length > 0)
      throw new Error(
        `These routes do not declare what the audit log calls them; add @Audited(…) or @Unaudited('why'): ${silent.join(', ')}`,
      );
  }
}
