import type { FastifyHelmetOptions } from '@fastify/helmet';

const directives = {
  defaultSrc: ["'self'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'", 'data:'],
  objectSrc: ["'none'"],
  baseUri: ["'none'"],
  formAction: ["'self'"],
  frameAncestors: ["'none'"],
};

export const helmetOptions: FastifyHelmetOptions = {
  contentSecurityPolicy: { useDefaults: false, directives },
  // Neighbours under the same domain decide for themselves.
  strictTransportSecurity: { includeSubDomains: false },
  xFrameOptions: { action: 'deny' },
};

/** Swagger UI brings its styles inside its page; its scripts are files. */
export const documentationPolicy = Object.entries({ ...directives, styleSrc: ["'self'", "'unsafe-inline'"] })
  .map(([name, sources]) => `${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} ${sources.join(' ')}`)
  .join(';');

export const isDocumentation = (path: string): boolean => path === '/api' || path.startsWith('/api/');
