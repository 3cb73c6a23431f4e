import { AddRouteConfig } from './route-config.js';

/** What a route's Fastify configuration holds of it. */
export interface ETagConfig {
  hasETag?: boolean;
}

const config: ETagConfig = { hasETag: true };

/** Answers with the `version` of what the route returns as its ETag. */
export const WithETag = () => AddRouteConfig(config);
