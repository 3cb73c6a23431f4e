import { describe, expect, it } from '@jest/globals';
import { AddressPolicy } from './address-policy.js';
import { urlProblems } from './http-target.js';

const rules = { allowLoopback: false, allow: [], deny: [], own: [] };
const strict = new AddressPolicy(rules);
const local = new AddressPolicy({ ...rules, allowLoopback: true });

describe('urlProblems', () => {
  it.each([
    ...['http://127.0.0.1/', 'http://127.1/', 'http://2130706433/', 'http://0x7f000001/', 'http://017700000001/'],
    ...['http://127.0.0.1./', 'http://0/', 'http://0.0.0.0/', 'http://[::]/', 'http://[::1]/', 'http://0X7F.1/'],
    ...[
      'http://localhost/',
      'http://LOCALHOST./',
      'http://foo.localhost/',
      'http://１２７.0.0.1/',
      'http://①②⑦.0.0.1/',
    ],
    ...[
      'http://[::ffff:127.0.0.1]/',
      'http://[::ffff:7f00:1]/',
      'http://[::ffff:0:127.0.0.1]/',
      'http://[::127.0.0.1]/',
    ],
    ...['http://[fe80::1]/', 'http://[fec0::1]/', 'http://[fc00::1]/', 'http://[fd00:ec2::254]/', 'http://[ff02::1]/'],
    ...['http://[100::1]/', 'http://[64:ff9b::7f00:1]/', 'http://[2002:7f00:1::]/', 'http://[2001:0:1::1]/'],
    ...[
      'http://169.254.169.254/latest/meta-data/',
      'http://0xA9FEA9FE/',
      'http://0251.0376.0251.0376/',
      'http://169.254.43518/',
    ],
    ...[
      'http://[::ffff:a9fe:a9fe]/',
      'http://169.254.170.2/',
      'http://100.100.100.200/',
      'http://192.0.0.192/',
      'http://168.63.129.16/',
    ],
    ...['http://10.0.0.1/', 'https://192.168.0.1/', 'http://172.16.0.1:8080/'],
  ])('refuses the forbidden literal %s', (url) => {
    expect(urlProblems(url, strict)).toEqual([{ pointer: '/url', detail: expect.stringMatching(/leads to|must be/) }]);
  });

  it.each([
    ...[
      'http://1.1.1.1@127.0.0.1/',
      'http://user:pass@example.com/',
      'http://@example.com/',
      'http://user@example.com/',
    ],
    ...[
      'http://1.1.1.1\\@127.0.0.1/',
      'http:/127.0.0.1/',
      'http:127.0.0.1',
      'http:///127.0.0.1',
      '//127.0.0.1/',
      'http:\\\\127.0.0.1',
    ],
    ...['file:///etc/passwd', 'ftp://example.com/', 'gopher://127.0.0.1:6379/_x', 'data:text/plain,x', 'unix:/run/x'],
    ...['javascript:alert(1)', 'ws://example.com/', '', 'example.com', 'http://', ' http://example.com/'],
    ...[
      'http://exa\nmple.com/',
      'http://exam\u00adple.com/',
      'http://example.com/a b',
      'http://example.com/\u200b',
      'http://exa\tmple.com/',
    ],
    ...[0, 22, 25, 110, 5432, 6379, 2375, 11211, 65536].map((port) => `http://example.com:${port}/`),
    ...[
      `http://${'a'.repeat(64)}.com/`,
      `http://${'a.'.repeat(150)}com/`,
      'http://a..b/',
      'http://xn--/',
      `http://example.com/${'x'.repeat(2_048)}`,
    ],
  ])('refuses %p', (url) => {
    expect(urlProblems(url, strict)).toHaveLength(1);
    expect(urlProblems(url, local)).toHaveLength(1);
  });

  it.each([
    ...[
      'http://example.com',
      'https://example.com/',
      'HTTPS://EXAMPLE.com/a?b=c@d#e',
      'http://example.com:8080/',
      'http://example.com./',
    ],
    ...[
      'https://1.1.1.1/',
      'http://[2606:4700:4700::1111]:1024/',
      'http://bücher.example/',
      'http://example.com:80/a%20b',
      'http://x/',
    ],
  ])('takes %s', (url) => {
    expect(urlProblems(url, strict)).toEqual([]);
  });

  it.each(['http://127.0.0.1:3000/', 'http://[::1]:3000/', 'http://localhost:3000/', 'http://a.localhost:3000/'])(
    'takes %s where loopback is allowed',
    (url) => {
      expect(urlProblems(url, local)).toEqual([]);
    },
  );
});
