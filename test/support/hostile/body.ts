import { expect } from '@jest/globals';
import type { Answer } from './exchange.js';
import { each } from './row.js';
import type { HostileRow } from './row.js';

const job = (given: object = {}) => ({ name: 'x', type: 'one_time', scheduledAt: '2040-01-01T00:00:00Z', ...given });
/** Text of a JSON body whose payload is written by hand. */
const withPayload = (payload: string) =>
  `{"name":"x","type":"one_time","scheduledAt":"2040-01-01T00:00:00Z","payload":${payload}}`;
const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;

const unpolluted = (): void => {
  const fresh = {} as Record<string, unknown>;
  expect([fresh['isAdmin'], fresh['polluted'], fresh['toString'] === Object.prototype.toString]).toEqual([
    undefined,
    undefined,
    true,
  ]);
};

const shown = (answer: Answer) => JSON.parse(answer.text) as Record<string, unknown>;

export const bodyRows: HostileRow[] = [
  ...each('A01', ['{', '{"name":', '{"a":1,}', "{'a':1}", '{"a":NaN}', '{"a":01}', '\u0000'], (body) => ({
    ...{ request: { body }, status: 400, code: 'MALFORMED_JSON' },
  })),
  ...each('A02', ['""', 'null', '[]', '5'], (body) => ({
    ...{ request: { body }, status: 400, code: 'VALIDATION' },
  })),
  { id: 'A02', what: 'no body at all', request: {}, status: 400, code: 'VALIDATION' },
  {
    ...{ id: 'A05', what: 'payload nested 33 deep', status: 400, code: 'PAYLOAD_TOO_DEEP' },
    request: { body: withPayload(`{"a":${nested(33)}}`) },
  },
  {
    ...{ id: 'A05', what: 'payload nested just as deep as allowed', status: 201 },
    request: { body: withPayload(`{"a":${nested(30)}}`) },
  },
  {
    ...{ id: 'A06', what: 'payload nested 50,000 deep', status: 400, code: 'PAYLOAD_TOO_DEEP' },
    request: { body: withPayload(`{"a":${nested(50_000)}}`) },
  },
  {
    ...{ id: 'A06', what: 'objects nested 20,000 deep', status: 400, code: 'PAYLOAD_TOO_DEEP' },
    request: { body: withPayload(`${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`) },
  },
  {
    ...{ id: 'A08', what: 'duplicate keys: the last one wins', status: 201 },
    request: { body: '{"name":"a","name":"b","type":"one_time","scheduledAt":"2040-01-01T00:00:00Z"}' },
    also: (answer) => {
      expect(shown(answer)['name']).toBe('b');
    },
  },
  {
    ...{ id: 'A08', what: 'duplicate keys: a bad last one is what is validated', status: 400, pointer: '/name' },
    request: { body: '{"name":"a","name":7,"type":"one_time"}' },
  },
  ...each(
    'A09',
    [
      '{"__proto__":{"isAdmin":true}}',
      withPayload('{"__proto__":{"isAdmin":true}}'),
      withPayload('{"a":[{"\\u005f_proto__":{"isAdmin":true}}]}'),
    ],
    (body) => ({ request: { body }, status: 400, code: 'FORBIDDEN_KEY', also: unpolluted }),
  ),
  {
    ...{ id: 'A10', what: 'constructor in the payload is plain data', status: 201 },
    request: { json: job({ payload: { constructor: { prototype: { polluted: 1 } } } }) },
    also: (answer) => {
      unpolluted();
      expect(shown(answer)['payload']).toEqual({ constructor: { prototype: { polluted: 1 } } });
    },
  },
  ...each(
    'A10',
    [
      job({ constructor: { prototype: { polluted: 1 } } }),
      job({ handler: 'http', payload: { url: 'https://example.com', headers: { constructor: { prototype: {} } } } }),
      job({ handler: 'http', payload: { url: 'https://example.com', constructor: { prototype: { polluted: 1 } } } }),
      job({ catchup: { constructor: { prototype: { polluted: 1 } } } }),
      job({ metadata: { constructor: 1 } }),
      job({ tags: ['constructor'] }),
    ],
    (json) => ({ request: { json }, status: 400, also: unpolluted }),
  ),
  ...each(
    'A12',
    [
      job({ name: 'a\u0000b' }),
      job({ description: '\u0000' }),
      job({ payload: { deep: [{ 'a\u0000': 1 }] } }),
      job({ payload: { deep: [{ a: ['\u0000'] }] } }),
    ],
    (json) => ({ request: { json }, status: 400, code: 'INVALID_CHARACTER', pointer: /^\/(name|description|payload)/ }),
  ),
  ...each('A13', ['{"a":"\\ud800"}', '{"a":"x\\udc00y"}', '{"\\ud800":1}', '{"a":"\\udc00\\ud800"}'], (payload) => ({
    ...{ request: { body: withPayload(payload) }, status: 400, code: 'INVALID_CHARACTER', pointer: /^\/payload/ },
  })),
  ...each('A14', ['12345678901234567890', '9007199254740993', '1e400', '-1e400', '1e-400'], (number) => ({
    request: { body: withPayload(`{"n":[${number}]}`) },
    ...{ status: 400, code: 'INEXACT_NUMBER', pointer: '/payload/n/0' },
  })),
  // There is no `priority`; the same values in a number that there is, and in one that there is not.
  ...['priority', 'maxRetries', 'timeoutMs', 'retryDelayMs', 'pauseAfterFailures'].flatMap((field) =>
    each(
      'A16',
      ['5; drop table', -1, 1.5, 1e10, 'NaN', true, [1], {}],
      (value) => ({ request: { json: job({ [field]: value }) }, status: 400, pointer: `/${field}` }),
      (value) => `${field}: ${JSON.stringify(value)}`,
    ),
  ),
  ...each(
    'A17',
    [
      ...[-1, 101, 1_001, 2_147_483_648].map((maxRetries) => job({ maxRetries })),
      ...[0, -1, 2_147_483_648].map((timeoutMs) => job({ timeoutMs })),
      ...[0, -1, 1_001].map((max) => job({ type: 'recurring', cron: '0 0 * * *', catchup: { mode: 'all', max } })),
      job({ maxAttempts: 0 }),
    ],
    (json) => ({ request: { json }, status: 400 }),
  ),
  {
    ...{ id: 'A18', what: 'a start 2^31 ms from now is kept, and nothing runs', status: 201 },
    request: () => ({ json: job({ scheduledAt: new Date(Date.now() + 2_147_483_648).toISOString() }) }),
    also: (answer) => {
      expect(shown(answer)['status']).toBe('pending');
    },
  },
  ...each('A18', ['+275760-09-13T00:00:00.000Z', '9999-12-31T23:59:59Z', '0000-01-01T00:00:00Z'], (scheduledAt) => ({
    ...{ request: { json: job({ scheduledAt }) }, status: [201, 400] },
  })),
  {
    ...{ id: 'A20', what: 'no offset and no zone is read as UTC, not as the server’s zone', status: 201 },
    request: { json: job({ scheduledAt: '2040-03-29T02:30:00' }) },
    also: (answer) => {
      expect(shown(answer)['scheduledAt']).toBe('2040-03-29T02:30:00.000Z');
    },
  },
  ...each(
    'A20',
    [
      '2040-02-30T00:00:00Z',
      'tomorrow',
      '1',
      5,
      true,
      null,
      {},
      '2040-01-01',
      '2040-01-01T25:00:00Z',
      'Z'.repeat(9_999),
    ],
    (scheduledAt) => ({
      request: { json: job({ type: 'recurring', cron: '0 0 * * *', startsAt: scheduledAt }) },
      status: scheduledAt === null || scheduledAt === '2040-01-01' ? [201, 400] : 400,
    }),
  ),
  ...each(
    'A21',
    ['text/plain', 'application/xml', 'multipart/form-data', 'application/x-www-form-urlencoded', 'application/jsonp'],
    (type) => ({ request: { body: '{}', headers: { 'content-type': type } }, status: 415 }),
  ),
  ...each(
    'A22',
    ['utf-7', 'utf-16', 'iso-8859-1', 'utf-8; charset=utf-7'].map((name) => `application/json; charset=${name}`),
    (type) => ({ request: { body: '{}', headers: { 'content-type': type } }, status: 415 }),
  ),
  ...each(
    'A24',
    [
      [0x7b, 0xff, 0x7d],
      [0x22, 0xc0, 0x80, 0x22],
      [0x22, 0xed, 0xa0, 0x80, 0x22],
      [0xf4, 0x90, 0x80, 0x80],
    ],
    (bytes) => ({ request: { body: Buffer.from(bytes) }, status: 400, code: 'MALFORMED_JSON' }),
  ),
  {
    ...{ id: 'A25', what: 'a byte order mark is skipped', status: 201 },
    request: { body: `\ufeff${JSON.stringify(job())}` },
  },
  {
    ...{ id: 'A29', what: 'X-HTTP-Method-Override is ignored', status: 200 },
    request: ({ jobId }) => ({
      ...{ method: 'GET', path: `/jobs/${jobId}` },
      headers: { 'x-http-method-override': 'DELETE', 'x-method-override': 'DELETE' },
    }),
  },
  {
    ...{ id: 'A29', what: '_method in the query is refused', status: 400 },
    request: { method: 'GET', path: '/jobs?_method=DELETE' },
  },
  ...each(
    'A32',
    ['evil.example', 'localhost:1', '[::1]'],
    (host) => ({
      request: {
        method: 'GET',
        path: '/api',
        headers: { host, 'x-forwarded-host': host, 'x-forwarded-proto': 'gopher' },
      },
      status: [200, 302],
      also: ({ headers }) => {
        expect(JSON.stringify(headers)).not.toContain(host);
      },
    }),
    (host) => `Host: ${host} on a page`,
  ),
  {
    ...{ id: 'A32', what: 'Host: evil.example on a creation', status: 201 },
    request: { json: job(), headers: { host: 'evil.example', forwarded: 'host=evil.example' } },
    also: ({ headers, text }) => {
      expect(JSON.stringify(headers) + text).not.toContain('evil.example');
    },
  },
  { id: 'A34', what: 'an unknown property', request: { json: job({ foo: 1 }) }, status: 400, pointer: '/foo' },
  ...each(
    '+A',
    [job({ name: '' }), job({ name: ' ' }), job({ name: 'x'.repeat(201) }), job({ name: ['x'] })],
    (json) => ({
      ...{ request: { json }, status: 400, pointer: '/name' },
    }),
  ),
  {
    ...{ id: '+A', what: 'an unknown property called toString', status: 400, pointer: '/toString' },
    request: { json: job({ toString: 1 }) },
  },
  { id: '+A', what: '100,000 unknown properties', request: { json: job(manyKeys(60_000)) }, status: 400 },
  {
    id: '+A',
    what: 'a payload of more keys than allowed',
    request: { json: job({ payload: manyKeys(20_000) }) },
    status: 400,
  },
  {
    ...{ id: '+A', what: 'a header of 100 kB', status: 431 },
    request: { method: 'GET', headers: { 'x-long': 'x'.repeat(100_000) } },
  },
  { id: '+A', what: 'gzip where nothing was said of it', request: { body: Buffer.from([0x1f, 0x8b, 8]) }, status: 400 },
  {
    ...{ id: '+A', what: 'content-encoding gzip', status: [400, 415] },
    request: { body: Buffer.from([0x1f, 0x8b, 8, 0]), headers: { 'content-encoding': 'gzip' } },
  },
];

function manyKeys(count: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 1]));
}
