import { expect } from '@jest/globals';
import { exchangeBytes } from './exchange.js';
import { each } from './row.js';
import type { HostileRow, HostileScene } from './row.js';
import { idOf } from './world.js';

const later = { name: 'x', type: 'one_time', scheduledAt: '2040-01-01T00:00:00Z' };
const keys = ['id', 'wait', 'active', 'delayed', 'completed', 'meta-paused', '1', 'repeat:x', 'a:b', '*', '__proto__'];
const templates = [
  "{{constructor.constructor('return process')()}}",
  '${process.env.JWT_SECRET}',
  '{{#each a}}{{#each a}}x{{/each}}{{/each}}',
  '<%= process.env %>',
  '#{7*7}',
  '%{jndi:ldap://127.0.0.1/x}',
];

export const queueRows: HostileRow[] = [
  ...each(
    'G01',
    keys,
    (key) => ({ request: { headers: { 'idempotency-key': key }, json: { ...later, name: key } }, status: 201 }),
    (key) => `key ${key}`,
  ),
  ...each('G01', ['jobId', 'key', 'dedupeKey', 'opts', 'repeat', 'attempts', 'queue'], (field) => ({
    ...{ request: { json: { ...later, [field]: 'wait' } }, status: 400, pointer: `/${field}` },
  })),
  ...each(
    'G04',
    ['', ' ', 'x'.repeat(256), 'x'.repeat(10_000), 'a b', 'é', '\u0001'.replace('\u0001', '\t')],
    (key) => ({
      ...{ request: { headers: { 'idempotency-key': key }, json: later }, status: 400 },
    }),
  ),
  {
    ...{ id: 'G05', what: '10,000 jobs in one bulk call', status: [400, 413] },
    request: { path: '/jobs/bulk', json: { jobs: Array(10_000).fill(later) } },
  },
  {
    ...{ id: 'G05', what: '1,000 jobs of which one is bad', status: 400, pointer: '/jobs/500/name' },
    request: {
      path: '/jobs/bulk',
      json: { jobs: Array.from({ length: 1_000 }, (_, at) => (at === 500 ? { ...later, name: 7 } : later)) },
    },
  },
  ...each(
    'G05',
    [{}, { jobs: [] }, { jobs: 'x' }, { jobs: { length: 1 } }, { jobs: [null] }, { jobs: [[]] }, { jobs: [7] }],
    (json) => ({
      ...{ request: { path: '/jobs/bulk', json }, status: 400, pointer: /^\/jobs/ },
    }),
  ),
  ...each(
    'G08',
    ['../../../etc/passwd', 'constructor', '__proto__', 'unknown', 'toString', 'HTTP', 'http ', 'x'.repeat(51), 7],
    (handler) => ({
      ...{ request: { json: { ...later, handler } }, status: 400, pointer: '/handler' },
    }),
  ),
  ...each('G13', templates, (template) => ({
    request: { json: { ...later, name: template, payload: { [template]: template } } },
    status: 201,
    also: ({ text }) => {
      expect(JSON.parse(text)).toMatchObject({ name: template, payload: { [template]: template } });
    },
  })),
  ...each('+G', ['"1"; drop', '"0"', 'W/"1"', '"999999999999999999999"', '\u00e9'], (etag) => ({
    request: ({ jobId }) => ({
      method: 'PATCH',
      path: `/jobs/${jobId}`,
      headers: { 'if-match': etag },
      json: { name: 'y' },
    }),
    status: [400, 412],
  })),
];

export const queueScenes: HostileScene[] = [
  {
    ...{ id: 'G02', what: 'one key, one body, 50 at once: one job, 50 equal answers', writes: true },
    act: async (world) => {
      const headers = { 'idempotency-key': 'fifty' };
      const answers = await Promise.all(Array.from({ length: 50 }, () => world.send({ headers, json: later })));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
      expect(answers.map(({ text }) => JSON.parse(text) as unknown)).toEqual(
        answers.map(() => JSON.parse(answers[0]?.text ?? '') as unknown),
      );
      const jobs = await world.query('SELECT 1 FROM jobs WHERE id = $1', [idOf(answers[0]!)]);
      expect(jobs.length).toBe(1);
      return answers;
    },
  },
  {
    ...{ id: 'G04', what: 'a key with bytes that are no text, and one sent twice' },
    act: async (world) => {
      const body = JSON.stringify(later);
      const lines = [`content-length: ${body.length}`, 'content-type: application/json'];
      const start = ['POST /jobs HTTP/1.1', 'host: x', `authorization: Bearer ${world.a.token}`, ...lines];
      const answers = await Promise.all(
        [['idempotency-key: \xff\xfe'], ['idempotency-key: a', 'idempotency-key: b']].map((key) =>
          exchangeBytes(world.url, [Buffer.from([...start, ...key, '', body].join('\r\n'), 'latin1')]),
        ),
      );
      expect(answers.map(({ status }) => status)).toEqual([400, 400]);
      return answers;
    },
  },
];
