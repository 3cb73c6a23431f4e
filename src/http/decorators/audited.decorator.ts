import { SetMetadata, applyDecorators } from '@nestjs/common';
import { ApiExtension } from '@nestjs/swagger';
import { AddRouteConfig } from './route-config.js';

/** What the audit log calls what a route does. */
export interface AuditedRoute {
  /** A stable word such as `job.created`; never given another meaning. */
  action: string;
  /** Kind of what it is done to, such as `job`. */
  target: string;
  /** The word for its refusals, on a route that proves or makes an identity. */
  refused?: string;
}

/** What a route's Fastify configuration holds of it. */
export interface AuditedConfig {
  audited?: AuditedRoute;
}

export const auditedRoute = 'punctual:audited';

/** Extension that tells an operation's action in the OpenAPI document. */
const auditExtension = 'x-audit';

/**
 * Declares what the audit log calls what a route does; every request that succeeds makes one entry. A route that is no
 * reading one and has neither this nor `@Unaudited()` stops the boot.
 *
 * @param target kind of what it is done to; the entry names the one that the path or the answer's `id` says, unless the use
 * case records more itself (`IAuditTrail`)
 */
export const Audited = (action: string, target: string, refused?: string) => {
  const route: AuditedRoute = { action, target, ...(refused !== undefined && { refused }) };
  const config: AuditedConfig = { audited: route };
  return applyDecorators(
    SetMetadata(auditedRoute, route),
    AddRouteConfig(config),
    ApiExtension(auditExtension, action),
  );
};

/** For a route that changes nothing although its method says that it may. @param why for whoever reads the controller */
export const Unaudited = (why: string) => SetMetadata(auditedRoute, why);
