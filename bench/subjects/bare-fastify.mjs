import { spawn } from 'node:child_process';
import { createSecretKey, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { httpLoad, httpShape } from './support/http-load.mjs';
import { hourMs } from './support/paced.mjs';

/** @type {import('../subject.d.ts').Subject} */
export const subject = {
  name: 'bare-fastify',
  title: 'a bare Fastify handler',
  limit: true,
  keepsHistory: 'no',
  stores: 'PostgreSQL',
  settings:
    'jsonwebtoken with HS256, then a row a job; what arrives while a commit is under way goes into the next one',
  measures: ['submit-http', 'submit-http-bulk-100', 'submit-http-bulk-1000'],
  async prepare({ postgres }) {
    const { default: jwt } = await import('jsonwebtoken');
    const secret = randomBytes(32).toString('base64url');
    const server = spawn(process.execPath, [join(import.meta.dirname, 'support', 'bare-fastify-server.mjs')], {
      env: { ...process.env, DATABASE_URL: postgres.url, JWT_SECRET: secret },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const [{ origin }] = /** @type {[{ origin: string }]} */ (await once(server, 'message'));
    const token = jwt.sign({ sub: 'bench' }, createSecretKey(Buffer.from(secret)), { expiresIn: '1h' });
    return {
      submit(way, count, meter) {
        const { size, connections } = httpShape(way);
        const job = {
          name: 'noop',
          type: 'one_time',
          handler: 'noop',
          payload: {},
          run_at: new Date(Date.now() + hourMs).toISOString(),
        };
        const body = JSON.stringify(size === 1 ? job : { jobs: Array.from({ length: size }, () => job) });
        const path = size === 1 ? '/jobs' : '/jobs/bulk';
        const requests = Math.ceil(count / size);
        return httpLoad({ origin, path, token, body: () => body, requests, connections, expected: 201, meter });
      },
      async close() {
        server.disconnect(); // which it takes as the end
        await once(server, 'exit');
      },
    };
  },
};
