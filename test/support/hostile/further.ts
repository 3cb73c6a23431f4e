import { expect } from '@jest/globals';
import { each } from './row.js';
import type { HostileRow } from './row.js';

/** Inputs of the kinds of test/cases/hostile_inputs.md that are not in the file; `+`, and the letter of the section that each belongs to. */
const later = { name: 'x', type: 'one_time', scheduledAt: '2040-01-01T00:00:00Z' };
const text = JSON.stringify(later);
const http = (url: string) => ({ json: { ...later, handler: 'http', payload: { url } } });
const register = (email: string) => ({
  ...{ as: 'nobody' as const, path: '/auth/register' },
  json: { email, password: 'a fine password 1', name: 'New' },
});
const unpolluted = (): void => {
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
};
const asHtml = '<img src=x onerror=alert(1)>';

/** Node's client refuses to send them raw. */
const encodeControls = (path: string): string =>
  path.replaceAll(/[^\u0021-\u005b\u005d-\u{10ffff}]/gu, (one) => encodeURIComponent(one));

export const furtherRows: HostileRow[] = [
  // E-mails that look or fold alike: full-width, composed and decomposed, invisible, turned round.
  ...each(
    '+C',
    ['\uff41@example.com', 'a@ｅxample.com', 'a\u200b@example.com', 'a\u00ad@example.com', '\u202ea@example.com'],
    (email) => ({
      request: register(email),
      status: [201, 400, 409],
      also: async (answer, world) => {
        // Whatever becomes of it, it is not A's account that it opens.
        if (answer.status === 201) expect(JSON.parse(answer.text).user.id).not.toBe(world.a.id);
      },
    }),
  ),
  ...each(
    '+C',
    ['a@example.com.', 'a@example..com', '.a@example.com', 'a@[127.0.0.1]', '"a b"@x.com', 'a@localhost\t'],
    (email) => ({
      ...{ request: register(email), status: [201, 400] },
    }),
  ),
  ...each('+C', ['bearer', 'BEARER', 'Bearer\t'], (scheme) => ({
    request: ({ a }) => ({
      as: 'nobody',
      method: 'GET',
      path: '/jobs',
      headers: { authorization: `${scheme} ${a.token}x` },
    }),
    status: 401,
  })),
  {
    ...{ id: '+C', what: 'a refresh token where an access token belongs', status: 401 },
    request: { as: 'nobody', method: 'GET', path: '/jobs', headers: { authorization: `Bearer rt_${'A'.repeat(43)}` } },
  },
  {
    ...{ id: '+C', what: 'a login whose password is an object with a length', status: 400, pointer: '/password' },
    request: { as: 'nobody', path: '/auth/login', json: { email: 'a@example.com', password: { length: 10 } } },
  },
  {
    ...{ id: '+C', what: 'a login with operators of another database', status: 400 },
    request: { as: 'nobody', path: '/auth/login', json: { email: { $gt: '' }, password: { $ne: null } } },
  },
  // Keys: twice, escaped, of prototypes, and numbers that look like indexes.
  {
    ...{ id: '+A', what: 'a key twice, once escaped: the last is what is validated', status: 400, pointer: '/name' },
    request: { body: '{"name":"a","type":"one_time","n\\u0061me":7}' },
  },
  {
    ...{ id: '+A', what: 'a key twice in the payload: one is stored and shown', status: 201 },
    request: { body: `${text.slice(0, -1)},"payload":{"a":1,"a":2}}` },
    also: ({ text: shown }) => {
      expect(JSON.parse(shown).payload).toEqual({ a: 2 });
    },
  },
  ...each('+A', ['hasOwnProperty', 'valueOf', '__defineGetter__', '0', '-1', 'length'], (key) => ({
    request: { json: { ...later, payload: { [key]: { polluted: true } } } },
    status: 201,
    also: ({ text: shown }) => {
      expect(JSON.parse(shown).payload).toEqual({ [key]: { polluted: true } });
      unpolluted();
    },
  })),
  ...each(
    '+A',
    ['__proto__[polluted]=1', 'constructor[prototype][polluted]=1', '__proto__.polluted=1', 'a[]=1&a[]=2'],
    (query) => ({
      ...{ request: { method: 'GET', path: `/jobs?${query}` }, status: [200, 400], also: unpolluted },
    }),
  ),
  // Media types.
  ...each(
    '+A',
    [
      ...['application/json, text/plain', 'application/json;charset="utf-8";charset=utf-7', 'application/json/x'],
      ...['application/merge-patch+json', 'text/json', '*/*', 'application/json\t;charset=ibm037', 'json'],
    ],
    (type) => ({ request: { body: text, headers: { 'content-type': type } }, status: 415 }),
  ),
  ...each('+A', ['gzip', 'br', 'deflate, gzip', 'identity, gzip', 'x'], (encoding) => ({
    request: { body: Buffer.from([0x1f, 0x8b, 8, 0]), headers: { 'content-encoding': encoding } },
    status: [400, 415],
  })),
  {
    ...{ id: '+A', what: 'an Accept of 10 kB', status: 200 },
    request: { method: 'GET', headers: { accept: `${'text/html;q=0.1,'.repeat(600)}*/*` } },
  },
  ...each('+A', ['text/html', 'application/xml', 'image/png', ';;;', '*/*;q=0'], (accept) => ({
    request: { method: 'GET', path: '/jobs/x', headers: { accept } },
    status: 400,
  })),
  // What proxies and frameworks are known to obey.
  ...each('+A', ['X-HTTP-Method', 'X-Method-Override', 'X-HTTP-Method-Override'], (name) => ({
    request: ({ jobId }) => ({ path: `/jobs/${jobId}`, headers: { [name]: 'DELETE' }, json: {} }),
    status: [404, 405],
  })),
  ...each('+A', ['X-Original-URL', 'X-Rewrite-URL', 'X-Forwarded-Prefix', 'X-Forwarded-Uri'], (name) => ({
    request: { as: 'nobody', method: 'GET', path: '/health/live', headers: { [name]: '/admin/users' } },
    status: 200,
    also: ({ text: shown }) => {
      expect(shown).not.toContain('@example.com');
    },
  })),
  {
    ...{ id: '+A', what: 'a request id that would write a line of its own', status: 200 },
    request: { method: 'GET', headers: { 'x-request-id': 'a","level":"fatal","x":"' } },
    also: ({ headers }) => {
      expect(headers['x-request-id']).toMatch(/^[\w.-]+$/);
    },
  },
  ...each('+A', ['bytes=0-0', 'bytes=-1', `bytes=${'0-1,'.repeat(1_000)}0-1`], (range) => ({
    ...{ request: { method: 'GET', headers: { range } }, status: [200, 206, 416, 431] },
  })),
  { id: '+A', what: 'Expect: something else', request: { json: later, headers: { expect: 'x' } }, status: [201, 417] },
  // Paths: encoded, doubled, climbing.
  ...each(
    '+B',
    [
      ...['/jobs%2f', '/jobs%2F..%2Fadmin%2Fusers', '/%6aobs/..;/admin/users', '/jobs;/x', '/jobs/%252e%252e/users'],
      ...['/admin%2fusers', '/ADMIN/users', '/admin/users/', '/./admin/users', '/jobs/../admin/users', '/jobs\\..\\x'],
      ...['/jobs/%c0%ae%c0%ae/x', '/jobs/%E0%80%AF', '/jobs/\u0000', '/jobs/%0d%0aset-cookie:%20a=b', '/jobs/..%00'],
    ],
    (path) => ({
      request: { method: 'GET', path: encodeControls(path) },
      status: [400, 403, 404],
      also: ({ headers }) => {
        expect(headers).not.toHaveProperty('set-cookie');
      },
    }),
  ),
  ...each(
    '+B',
    ['limit=1e2', 'limit=%EF%BC%91', 'limit=0b1', 'limit=1_0', 'limit=+1', 'limit=%201', 'limit=1.0'],
    (query) => ({
      request: { method: 'GET', path: `/jobs?${query}` },
      status: [200, 400],
      also: ({ status, text: shown }) => {
        if (status === 200) expect(JSON.parse(shown).meta.limit).toBeLessThanOrEqual(100);
      },
    }),
  ),
  ...each('+B', [`page=${'9'.repeat(400)}`, 'page=-0', 'page=Infinity', 'limit=9007199254740993'], (query) => ({
    ...{ request: { method: 'GET', path: `/jobs?${query}` }, status: 400 },
  })),
  ...each('+B', ['%00', 'a%0d%0ab', '%F0%9F%98%80'.repeat(60), '\\x27%20or%201=1'], (search) => ({
    ...{ request: { method: 'GET', path: `/jobs?search=${search}` }, status: [200, 400] },
  })),
  // Hosts that are an address when read by somebody else.
  ...each(
    '+E',
    [
      ...[
        'http://[::1%25lo]/',
        'http://[fe80::1%eth0]/',
        'http://[::ffff:127.1]/',
        'http://[0:0:0:0:0:ffff:7f00:0001]/',
      ],
      ...['http://0177.1/', 'http://0x7f.0x0.0x0.0x1/', 'http://127.0.0.1%00.example.com/', 'http://00000177.0.0.1/'],
      ...['http://127.0.0.1:80@example.com:6379/', 'http://example.com@127.0.0.1/', 'http://127.0.0.1%2f@example.com/'],
      ...[
        'http://⑴⑵⑺.0.0.1/',
        'http://𝟏𝟐𝟕.𝟎.𝟎.𝟏/',
        'http://１２７.0.0.1/',
        'http://localhost%E3%80%82/',
        'http://ⓛocalhost/',
      ],
      ...['http://[::ffff:0a00:0001]/', 'http://[64:ff9b::10.0.0.1]/', 'http://[2002:a00:1::]/', 'http://3232235521/'],
      ...['http://x.localhost./', 'http://192.168.1/', 'http://10.1/', 'http://0x0a000001/'],
    ],
    (url) => ({ request: http(url), status: 400, pointer: '/payload/url' }),
  ),
  // A name is refused where it leads: at the connection, which hostile-targets.spec.ts tries.
  ...each('+E', ['http://ip6-localhost/', 'http://ip6-loopback/', 'http://broadcasthost/'], (url) => ({
    ...{ request: http(url), status: [201, 400] },
  })),
  // Text that would be code elsewhere is data here, and a pointer into a body names what was sent without harm.
  {
    ...{ id: '+A', what: 'HTML as the name of an unknown property', status: 400 },
    request: { json: { ...later, [asHtml]: 1 } },
    also: ({ headers }) => {
      expect(headers['content-type']).toMatch(/^application\/problem\+json/);
      expect(headers['x-content-type-options']).toBe('nosniff');
    },
  },
  ...each('+A', ['a/b', 'a~b', '', '\u2028', '\u001b[31m'], (key) => ({
    ...{ request: { json: { ...later, [key]: 1 } }, status: 400 },
  })),
  ...each(
    '+F',
    ['Europe/Berlin\u0000', '../etc/localtime', 'UTC+99', 'Etc/GMT+15', 'a'.repeat(5_000), 'utc\n'],
    (timezone) => ({
      ...{ request: { json: { name: 'x', type: 'recurring', cron: '0 0 * * *', timezone } }, status: 400 },
    }),
  ),
  ...each(
    '+F',
    ['٠ ٠ * * *', '0 0 * * *\u0000', '0 0 * * * * * *', '0/0 * * * *', '60 0 * * *', '*/99999999999 * * * *'],
    (cron) => ({
      ...{ request: { json: { name: 'x', type: 'recurring', cron } }, status: 400 },
    }),
  ),
  ...each('+G', ['%00', 'a,b', '"quoted"', ' lead', 'k\u00e9y', '../../x'], (key) => ({
    request: { headers: { 'idempotency-key': key }, json: later },
    status: [201, 400],
  })),
];
