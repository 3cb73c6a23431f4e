import { each } from './row.js';
import type { HostileRow } from './row.js';

const email = (payload: object) => ({
  json: {
    ...{ name: 'x', type: 'one_time', scheduledAt: '2040-01-01T00:00:00Z', handler: 'email' },
    payload: { to: 'ada@example.com', subject: 'Hello', text: 'Hello', ...payload },
  },
});

const breaks = ['\r\nBcc: v@x', '\n', '\u2028', '=?utf-8?q?=0d=0aBcc:...?=', '\r', '\u0085', '\u000b'];

export const mailRows: HostileRow[] = [
  { id: '+H', what: 'a sound message', request: email({}), status: 201 },
  ...['subject', 'to', 'cc', 'bcc'].flatMap((field) =>
    each(
      'H01',
      breaks,
      (text) => ({
        request: email({ [field]: field === 'subject' ? `Hi${text}there` : `ada@example.com${text}` }),
        ...{ status: 400, pointer: `/payload/${field}` },
      }),
      (text) => `${field} with ${JSON.stringify(text)}`,
    ),
  ),
  ...each('H01', ['from', 'replyTo', 'sender', 'inReplyTo', 'headers'], (field) => ({
    ...{ request: email({ [field]: 'a@x\r\nBcc: v@x' }), status: 400, pointer: `/payload/${field}` },
  })),
  ...each(
    'H02',
    [
      ...[Array.from({ length: 10_000 }, (_, at) => `u${at}@example.com`), Array(51).fill('ada@example.com')],
      ...[
        '"a@x" <b@y>, c@z',
        'a@x,b@y',
        'a@x;b@y',
        'a@x b@y',
        'group: a@x, b@y;',
        '<a@x> <b@y>',
        '',
        ' ',
        '@',
        [],
        [null],
      ],
      ...[
        { address: 'a@x' },
        [['a@x.com']],
        'a@x\u0000.com',
        `${'x'.repeat(400)}@example.com`,
        '"a\\" <b@y>',
        'a@[127.0.0.1',
        7,
      ],
    ],
    (to) => ({ request: email({ to }), status: 400, pointer: /^\/payload\/to/ }),
  ),
  ...each(
    'H04',
    [
      { attachments: [{ path: '/etc/passwd' }] },
      { attachments: [{ href: 'http://169.254.169.254/' }] },
      { raw: { path: '/etc/passwd' } },
      { html: { path: '/etc/passwd' } },
      { text: { href: 'http://127.0.0.1/' } },
      { alternatives: [{ path: '/etc/passwd' }] },
      { watchHtml: { path: '/etc/passwd' } },
      { icalEvent: { path: '/etc/passwd' } },
      { amp: '<html/>' },
    ],
    (given) => ({ request: email(given), status: 400, pointer: `/payload/${Object.keys(given)[0]}` }),
  ),
  ...each(
    'H05',
    [
      { envelope: { size: '100\r\nRCPT TO:<v@x>' } },
      { list: {} },
      { dkim: {} },
      { encoding: 'x' },
      { dsn: {} },
      { priority: 'high' },
    ],
    (given) => ({ request: email(given), status: 400, pointer: `/payload/${Object.keys(given)[0]}` }),
  ),
  ...each('H06', ['host', 'port', 'smtp', 'transport', 'auth', 'proxy', 'service', 'tls'], (field) => ({
    ...{ request: email({ [field]: '127.0.0.1:6379' }), status: 400, pointer: `/payload/${field}` },
  })),
  ...each('H08', ['html', 'text'], (field) => ({
    ...{ request: email({ [field]: 'x'.repeat(600_000) }), status: 400, pointer: `/payload/${field}` },
  })),
  { id: 'H08', what: 'html above the limit of a body', request: email({ html: 'x'.repeat(1_100_000) }), status: 413 },
  {
    ...{ id: 'H08', what: 'html with a script is data', status: 201 },
    request: email({ html: '<script>alert(1)</script><img src="http://127.0.0.1/">' }),
  },
  ...each('+H', ['subject', 'text'], (field) => ({ request: email({ [field]: 7 }), status: 400 })),
  { id: '+H', what: 'no body', request: email({ text: '', html: '' }), status: 400, pointer: '/payload/text' },
];
