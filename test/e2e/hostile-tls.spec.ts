import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import supertest from 'supertest';
import { executionsOf, jobThatIs, submit } from '../support/jobs.js';
import { ProductProcess } from '../support/processes.js';
import { startServices } from '../support/services.js';
import type { Services } from '../support/services.js';
import { aUser } from '../support/user.js';
import type { TestUser } from '../support/user.js';

/** Row E29 of test/cases/hostile_inputs.md: targets whose certificate or protocol is not to be trusted. */
const pathOf = (name: string) => fileURLToPath(new URL(`../support/hostile/tls/${name}`, import.meta.url));
const read = (name: string) => readFileSync(pathOf(name));

let services: Services;
let product: ProductProcess;
let user: TestUser;
const servers: Server[] = [];

beforeAll(async () => {
  services = await startServices();
  const trusting = { NODE_EXTRA_CA_CERTS: pathOf('ca.crt') };
  product = await ProductProcess.start({ ...services.environment, ...trusting });
  user = await aUser({ http: supertest(product.url) });
});
afterAll(async () => {
  for (const server of servers) server.close();
  await product.end();
  await services.drop();
});

/** A target with this certificate. @returns its address, and the requests that it has got */
async function aTarget(certificate: string, protocol: object = {}) {
  const got: string[] = [];
  const server = createServer({ key: read('leaf.key'), cert: read(certificate), ...protocol }, (request, reply) => {
    got.push(request.url ?? '');
    reply.end('ok');
  });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  servers.push(server);
  return { url: `https://localhost:${(server.address() as AddressInfo).port}/`, got };
}

const call = (url: string) =>
  submit(user, { name: 'call', type: 'one_time', handler: 'http', maxRetries: 0, payload: { url } });

const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' };

describe('E29 a target over TLS', () => {
  it('is called when its certificate is right', async () => {
    const { url, got } = await aTarget('good.crt');
    await jobThatIs(user, (await call(url)).id, 'completed');
    expect(got).toEqual(['/']);
  });

  it.each([
    ['has expired', 'expired.crt', {}],
    ['nobody has signed', 'self-signed.crt', {}],
    ['is of another host', 'other.crt', {}],
    ['is right, over TLS 1.0', 'good.crt', old],
  ])('is sent nothing when its certificate %s', async (_, certificate, protocol) => {
    const { url, got } = await aTarget(certificate, protocol);
    const { id } = await call(url);
    await jobThatIs(user, id, 'failed');
    const [execution] = await executionsOf(user, id);
    expect(execution).toMatchObject({
      status: 'failed',
      errorMessage: expect.stringMatching(/certificate|protocol|TLS|SSL|altnames/i),
    });
    expect(got).toEqual([]);
  });
});
