import { RouteConfig } from '@nestjs/platform-fastify';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants.js';

/** Adds to what a route's Fastify configuration holds, where hooks find it. Nest's own decorator replaces what is there. */
export const AddRouteConfig =
  (more: object): MethodDecorator =>
  (target, key, descriptor) => {
    const held = Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, descriptor.value as object) as object | undefined;
    RouteConfig({ ...held, ...more })(target, key, descriptor);
  };
