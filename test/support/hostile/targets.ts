import { each } from './row.js';
import type { HostileRow } from './row.js';

const later = { name: 'x', type: 'one_time', scheduledAt: '2040-01-01T00:00:00Z', handler: 'http' };

/** Spellings of addresses that are not public, by the row of the file. */
export const innerUrls: Readonly<Record<string, readonly string[]>> = {
  E01: [
    ...['http://127.0.0.1/', 'http://127.1/', 'http://2130706433/', 'http://0x7f000001/', 'http://017700000001/'],
    ...['http://127.0.0.1./', 'http://0x7f.1/', 'http://127.0.1/', 'http://①②⑦.⓪.⓪.①/', 'http://127。0。0。1/'],
    ...['http://127.255.255.254/', 'HTTP://127.0.0.1/', 'http://%31%32%37.0.0.1/', 'http://0177.0.0.01/'],
  ],
  E02: ['http://0/', 'http://0.0.0.0/', 'http://[::]/', 'http://0.1.2.3/', 'http://[0:0:0:0:0:0:0:0]/'],
  E04: [
    'http://localhost/',
    'http://LOCALHOST./',
    'http://foo.localhost/',
    'http://localhost:8080/',
    'http://ｌocalhost/',
  ],
  E05: [
    ...['http://[::1]/', 'http://[::ffff:127.0.0.1]/', 'http://[::ffff:7f00:1]/', 'http://[::ffff:0:127.0.0.1]/'],
    ...['http://[0:0:0:0:0:0:0:1]/', 'http://[0000::0001]/', 'http://[::ffff:10.0.0.1]/'],
  ],
  E06: ['http://[::127.0.0.1]/', 'http://[::7f00:1]/', 'http://[::a00:1]/'],
  E08: [
    ...['http://[fe80::1]/', 'http://[fec0::1]/', 'http://[fc00::1]/', 'http://[fd00:ec2::254]/', 'http://[ff02::1]/'],
    ...['http://[100::1]/', 'http://[64:ff9b::7f00:1]/', 'http://[64:ff9b:1::7f00:1]/', 'http://[2002:7f00:1::]/'],
    ...['http://[2001::1]/', 'http://[2001:db8::1]/', 'http://[5f00::1]/', 'http://[4000::1]/'],
  ],
  E09: [
    ...['http://169.254.169.254/latest/meta-data/', 'http://0xA9FEA9FE/', 'http://0251.0376.0251.0376/'],
    ...[
      'http://169.254.43518/',
      'http://[::ffff:a9fe:a9fe]/',
      'http://2852039166/',
      'http://[::ffff:169.254.169.254]/',
    ],
  ],
  E10: ['http://169.254.170.2/', 'http://100.100.100.200/', 'http://192.0.0.192/', 'http://168.63.129.16/'],
  '+E': [
    ...['http://10.0.0.1/', 'http://172.16.0.1/', 'http://192.168.0.1/', 'http://100.64.0.1/', 'http://198.18.0.1/'],
    ...[
      'http://224.0.0.1/',
      'http://255.255.255.255/',
      'http://240.0.0.1/',
      'http://192.0.2.1/',
      'http://203.0.113.1/',
    ],
    ...['http://198.51.100.1/', 'http://192.88.99.1/', 'http://[fe80::1%25eth0]/', 'http://[::ffff:c0a8:1]/'],
  ],
};

const brokenUrls: Readonly<Record<string, readonly string[]>> = {
  E12: [
    'https://jobs.example.net/',
    'http://JOBS.example.net./jobs',
    'http://127.0.0.1:5432/',
    'http://example.com:6379/',
  ],
  E13: ['http://1.1.1.1@127.0.0.1/', 'http://user:pass@example.com/', 'http://@example.com/', 'http://:@example.com/'],
  E14: [
    ...['http://1.1.1.1\\@127.0.0.1/', 'http:/127.0.0.1/', 'http:127.0.0.1', '//127.0.0.1/', 'http:///127.0.0.1/'],
    ...['http://exa\tmple.com/', 'http://example.com\n/', ' http://example.com/', 'http://example.com/\r\nHost: x'],
    ...[
      'http://1.1.1.1#@127.0.0.1\\',
      'http://127.0.0.1\u3002',
      'http://',
      'http',
      '',
      '/',
      'example.com',
      'http://[::1',
    ],
  ],
  E16: [
    ...[
      'file:///etc/passwd',
      'ftp://example.com/',
      'gopher://127.0.0.1:6379/_x',
      'data:text/plain,x',
      'unix:/run/x.sock',
    ],
    ...['javascript:alert(1)', 'ws://example.com/', 'wss://example.com/', 'blob:http://example.com/1', 'about:blank'],
    ...['jar:http://example.com!/', 'http+unix://%2Frun%2Fx.sock/', 'HTTPS+x://example.com'],
  ],
  E17: [0, 1, 22, 25, 53, 81, 443_000, 1_023, 2_375, 3_306, 5_432, 6_379, 11_211, 27_017, 65_536].map(
    (port) => `http://example.com:${port}/`,
  ),
  E18: [
    ...[
      `http://${'a.'.repeat(150)}com/`,
      `http://${'a'.repeat(64)}.com/`,
      'http://xn--/',
      'http://a..b/',
      'http://.com/',
    ],
    ...['http://exam\u00adple.com/', 'http://example\u200b.com/', 'http://exa%00mple.com/', 'http://exa mple.com/'],
    `http://example.com/${'x'.repeat(3_000)}`,
  ],
};

const urlRows = (urls: Readonly<Record<string, readonly string[]>>): HostileRow[] =>
  Object.entries(urls).flatMap(([id, spellings]) =>
    each(id, spellings, (url) => ({
      ...{ request: { json: { ...later, payload: { url } } }, status: 400, pointer: '/payload/url' },
    })),
  );

const target = (payload: object) => ({ json: { ...later, payload: { url: 'https://example.com/', ...payload } } });

export const targetRows: HostileRow[] = [
  ...urlRows(innerUrls),
  ...urlRows(brokenUrls),
  ...each('+E', [7, null, ['http://example.com'], { href: 'http://example.com' }], (url) => ({
    ...{ request: target({ url }), status: 400, pointer: /^\/payload\/url/ },
  })),
  {
    ...{ id: '+E', what: 'the sink itself', status: 400 },
    request: ({ sinkPort }) => target({ url: `http://127.0.0.1:${sinkPort}/` }),
  },
  ...each(
    'E26',
    [
      ...[
        { Host: 'x' },
        { host: 'x' },
        { 'Content-Length': '5' },
        { 'Transfer-Encoding': 'chunked' },
        { Connection: 'x' },
      ],
      ...[{ x: 'a\r\nb: c' }, { x: 'a\nb' }, { x: 'a\rb' }, { 'x y': '1' }, { '': '1' }, { 'x:': '1' }, { x: '😀' }],
      ...[{ x: 7 }, { x: null }, { x: ['a', 'b'] }, { x: { y: 'z' } }, { 'x\r\ny': 'z' }, { x: 'a'.repeat(10_000) }],
      ...[{ 'Idempotency-Key': 'x' }, { 'X-Punctual-Run-Id': 'x' }, { 'proxy-authorization': 'x' }, { te: 'x' }],
      ...[
        { Upgrade: 'h2c' },
        { Expect: '100-continue' },
        { Trailer: 'x' },
        { 'User-Agent': 'x' },
        { 'keep-alive': 'x' },
      ],
    ],
    (headers) => ({ request: target({ headers }), status: 400, pointer: /^\/payload\/headers/ }),
  ),
  ...each('E26', ['a', 7, ['a']], (headers) => ({ request: target({ headers }), status: 400 })),
  ...each('E26', ['TRACE', 'CONNECT', 'get', 'GET / HTTP/1.1\r\nx: y', 'OPTIONS', '', 7], (method) => ({
    ...{ request: target({ method }), status: 400, pointer: '/payload/method' },
  })),
  ...each(
    'E29',
    [
      'rejectUnauthorized',
      'tls',
      'ca',
      'agent',
      'dispatcher',
      'socketPath',
      'proxy',
      'followRedirects',
      'maxRedirections',
    ],
    (field) => ({ request: target({ [field]: false }), status: 400, pointer: `/payload/${field}` }),
  ),
  ...each('+E', [[99], [600], ['200'], [200.5], 200, Array(51).fill(200)], (expectStatus) => ({
    ...{ request: target({ expectStatus }), status: 400, pointer: /^\/payload\/expectStatus/ },
  })),
];
