import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet from 'helmet';

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

const protect = helmet({
  contentSecurityPolicy: { useDefaults: false, directives },
  // Neighbours under the same domain decide for themselves.
  strictTransportSecurity: { includeSubDomains: false },
  xFrameOptions: { action: 'deny' },
});

/** What each answer says besides its own headers. Nothing of it depends on the request, so it is put together once. */
export const securityHeaders = headersOf(protect);

function headersOf(middleware: typeof protect): Record<string, string> {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  middleware(request, response, (error) => {
    if (error instanceof Error) throw error;
  });
  return Object.fromEntries(Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)]));
}

/** Swagger UI brings its styles inside its page; its scripts are files. */
export const documentationPolicy = Object.entries({ ...directives, styleSrc: ["'self'", "'unsafe-inline'"] })
  .map(([name, sources]) => `${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} ${sources.join(' ')}`)
  .join(';');

export const isDocumentation = (path: string): boolean => path === '/api' || path.startsWith('/api/');
