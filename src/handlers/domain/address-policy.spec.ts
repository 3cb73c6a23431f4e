import { describe, expect, it } from '@jest/globals';
import { AddressPolicy, literalAddress } from './address-policy.js';
import type { AddressRules } from './address-policy.js';

const policyOf = (rules: Partial<AddressRules> = {}): AddressPolicy =>
  new AddressPolicy({ allowLoopback: false, allow: [], deny: [], own: [], ...rules });

const refused: [string, string][] = [
  ['loopback', '127.0.0.1'],
  ['all of 127/8', '127.255.255.254'],
  ['unspecified', '0.0.0.0'],
  ['this network', '0.1.2.3'],
  ['private 10/8', '10.0.0.1'],
  ['private 172.16/12', '172.31.255.255'],
  ['private 192.168/16', '192.168.1.1'],
  ['link-local and metadata', '169.254.169.254'],
  ['container metadata', '169.254.170.2'],
  ['carrier-grade NAT', '100.64.0.1'],
  ['metadata in shared space', '100.100.100.200'],
  ['protocol assignments', '192.0.0.192'],
  ['host agent', '168.63.129.16'],
  ['benchmarking', '198.18.0.1'],
  ['documentation', '203.0.113.9'],
  ['multicast', '224.0.0.1'],
  ['reserved', '240.0.0.1'],
  ['broadcast', '255.255.255.255'],
  ['IPv6 loopback', '::1'],
  ['IPv6 unspecified', '::'],
  ['mapped', '::ffff:127.0.0.1'],
  ['mapped, in hex', '::ffff:7f00:1'],
  ['mapped public', '::ffff:8.8.8.8'],
  ['translated', '::ffff:0:127.0.0.1'],
  ['compatible', '::127.0.0.1'],
  ['compatible, in hex', '::7f00:1'],
  ['mapped metadata', '::ffff:a9fe:a9fe'],
  ['IPv6 link-local', 'fe80::1'],
  ['IPv6 link-local with a zone', 'fe80::1%eth0'],
  ['site-local', 'fec0::1'],
  ['unique local', 'fc00::1'],
  ['IPv6 metadata', 'fd00:ec2::254'],
  ['IPv6 multicast', 'ff02::1'],
  ['discard', '100::1'],
  ['NAT64', '64:ff9b::7f00:1'],
  ['NAT64, local', '64:ff9b:1::7f00:1'],
  ['6to4', '2002:7f00:1::'],
  ['Teredo', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
  ['IPv6 documentation', '2001:db8::1'],
  ['not given out', '4000::1'],
  ['no address at all', 'example.com'],
  ['nothing', ''],
];

describe('AddressPolicy', () => {
  it.each(refused)('refuses %s: %s', (_, address) => {
    expect(policyOf().refusal(address)).toEqual(expect.any(String));
  });

  it.each(['1.1.1.1', '8.8.8.8', '93.184.216.34', '2606:4700:4700::1111', '2a00:1450:4001:81b::200e'])(
    'lets %s through',
    (address) => {
      expect(policyOf().refusal(address)).toBeUndefined();
    },
  );

  it('lets loopback through where it is allowed, and nothing else of the kind', () => {
    const policy = policyOf({ allowLoopback: true });
    expect(['127.0.0.1', '127.1.2.3', '::1'].map((address) => policy.refusal(address))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    for (const address of ['0.0.0.0', '::', '::ffff:127.0.0.1', '10.0.0.1', '169.254.169.254'])
      expect(policy.refusal(address)).toBe('not a public address');
  });

  it("lets the operator's internal networks through", () => {
    const policy = policyOf({ allow: ['10.1.0.0/16', 'fd12::/16'] });
    expect(policy.refusal('10.1.2.3')).toBeUndefined();
    expect(policy.refusal('fd12::9')).toBeUndefined();
    expect(policy.refusal('10.2.0.1')).toBe('not a public address');
  });

  it('refuses what the operator refuses, even where it is allowed or public', () => {
    const policy = policyOf({ allow: ['10.0.0.0/8'], deny: ['10.0.0.5/32', '8.8.8.0/24'] });
    for (const address of ['10.0.0.5', '8.8.8.8'])
      expect(policy.refusal(address)).toBe("refused by this system's operator");
    expect(policy.refusal('10.0.0.6')).toBeUndefined();
  });

  it("refuses this machine's public addresses unless they are allowed", () => {
    const own = ['93.184.216.34', '2606:4700::7'];
    expect(policyOf({ own }).refusal('93.184.216.34')).toBe('the machine itself');
    expect(policyOf({ own }).refusal('2606:4700:0:0:0:0:0:7')).toBe('the machine itself');
    expect(policyOf({ own, allow: ['93.184.216.34/32'] }).refusal('93.184.216.34')).toBeUndefined();
  });
});

describe('literalAddress', () => {
  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['[::1]', '::1'],
    ['::1', '::1'],
    ['example.com', undefined],
    ['localhost', undefined],
  ])('%s spells %s', (host, expected) => {
    expect(literalAddress(host)).toBe(expected);
  });
});
