import { AddRouteConfig } from './route-config.js';

/** What a route's Fastify configuration holds of it. */
export interface ETagConfig {
  hasETag?: boolean;
}

const config: ETagConfig = { hasETag: true };

/**
 * Answers with an ETag that changes with whatever the answer says, and with 304 to a `GET` whose `If-None-Match` names it
 * (RFC 9110 §8.8.3, §13.1.2).
 */
export const WithETag = () => AddRouteConfig(config);
