import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Network = [Address, number];

export interface AddressRules {
  /** Lets through 127.0.0.0/8 and ::1. */
  allowLoopback: boolean;
  /** Networks (CIDR) that are let through although they are not public: the operator's internal targets. */
  allow: readonly string[];
  /** Networks (CIDR) that are refused although they are public. Stronger than `allow`. */
  deny: readonly string[];
  /** Public addresses of this machine itself: refused like loopback, unless allowed. */
  own: readonly string[];
  /** Name under which people reach this system: refused like its addresses, whatever stands between. */
  ownHost?: string | undefined;
}

/**
 * Networks that count as public in ipaddr.js's tables and yet lead inside: IPv4-compatible, NAT64, 6to4 and Teredo
 * addresses carry an IPv4 address, 168.63.129.16 is Azure's host agent.
 */
const neverPublic = ['::/96', '64:ff9b::/96', '64:ff9b:1::/48', '2002::/16', '2001::/32', '168.63.129.16/32'].map(
  network,
);
/** All global unicast IPv6 addresses that have been given out (RFC 4291, IANA). */
const globalIpv6 = network('2000::/3');

/** Which addresses `http` jobs may call: public ones, and what the operator allows. Fails closed. */
export class AddressPolicy {
  private readonly allow: Network[];
  private readonly deny: Network[];
  private readonly own: ReadonlySet<string>;

  constructor(private readonly rules: AddressRules) {
    this.allow = rules.allow.map(network);
    this.deny = rules.deny.map(network);
    this.own = new Set(rules.own.map((address) => ipaddr.parse(address).toNormalizedString()));
  }

  /** @returns why a host name may not be called, whatever its addresses, as the end of "is …"; undefined when it may */
  nameRefusal(host: string): string | undefined {
    // RFC 6761: these names mean the machine itself, whatever a name server says.
    if (host === 'localhost' || host.endsWith('.localhost')) return this.refusal('127.0.0.1');
    return host === this.rules.ownHost && !this.rules.allowLoopback ? 'this system itself' : undefined;
  }

  /** @returns why `address` may not be called, as the end of "is …"; undefined when it may */
  refusal(address: string): string | undefined {
    const parsed = parse(address);
    if (!parsed) return 'not an address';
    if (contains(this.deny, parsed)) return "refused by this system's operator";
    if (contains(this.allow, parsed)) return undefined;
    const range = parsed.range();
    if (range === 'loopback' || this.own.has(parsed.toNormalizedString()))
      return this.rules.allowLoopback ? undefined : 'the machine itself';
    const isPublic =
      range === 'unicast' &&
      !contains(neverPublic, parsed) &&
      (parsed.kind() === 'ipv4' || matches(parsed, globalIpv6));
    return isPublic ? undefined : 'not a public address';
  }
}

/** The address that a URL's host spells, if it is one; IPv6 with or without brackets. */
export function literalAddress(host: string): string | undefined {
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  return ipaddr.isValid(bare) ? bare : undefined;
}

function network(cidr: string): Network {
  return ipaddr.parseCIDR(cidr);
}

function parse(address: string): Address | undefined {
  return ipaddr.isValid(address) ? ipaddr.parse(address) : undefined;
}

const contains = (networks: readonly Network[], address: Address): boolean =>
  networks.some((one) => matches(address, one));

const matches = (address: Address, [base, bits]: Network): boolean =>
  address.kind() === base.kind() && address.match(base, bits);
