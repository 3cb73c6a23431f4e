import { createServer } from 'node:net';

/**
 * @param {number} port
 * @param {string} host
 * @returns {Promise<{ port: number } | { code: string }>}
 */
function listenOnce(port, host) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve({ code: /** @type {NodeJS.ErrnoException} */ (error).code ?? 'unknown' }));
    server.listen({ port, host, exclusive: true }, () => {
      const address = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => resolve({ port: address.port }));
    });
  });
}

/** @returns {Promise<number>} a TCP port of 127.0.0.1 that was free a moment ago */
export async function freePort() {
  const result = await listenOnce(0, '127.0.0.1');
  if ('code' in result) throw new Error(`No free port on 127.0.0.1 (${result.code}).`);
  return result.port;
}

/**
 * @param {number} port
 * @returns {Promise<string | undefined>} why nothing can listen there (`EADDRINUSE`, `EACCES`), or undefined when it can
 */
export async function whyNotFree(port) {
  for (const host of ['127.0.0.1', '0.0.0.0', '::']) {
    const result = await listenOnce(port, host);
    if ('code' in result && result.code !== 'EAFNOSUPPORT' && result.code !== 'EADDRNOTAVAIL') return result.code;
  }
  return undefined;
}
