import type { FieldProblem } from '../../kernel/errors.js';
import { literalAddress } from './address-policy.js';
import type { AddressPolicy } from './address-policy.js';

const maxUrlLength = 2_048;
const maxHostLength = 253;
const maxLabelLength = 63;
const lowestFreePort = 1_024;
const webPorts: readonly number[] = [80, 443];
/** Ports of databases, caches and container engines: none speaks HTTP that a job should send. */
const refusedPorts: readonly number[] = [1433, 2375, 2376, 2379, 3306, 5432, 6379, 11211, 27017];

/** What is wrong with a URL that an `http` job wants to call, as far as it can be told without a name server. */
export function urlProblems(text: string, policy: AddressPolicy): FieldProblem[] {
  const detail = urlProblem(text, policy);
  return detail === undefined ? [] : [{ pointer: '/url', detail }];
}

function urlProblem(text: string, policy: AddressPolicy): string | undefined {
  // Spellings that parsers read differently are refused: one slash, backslashes, and what the parser drops silently.
  if (text.length > maxUrlLength) return `url is longer than ${maxUrlLength} characters.`;
  if (!/^https?:\/\/[^/\\]/i.test(text) || !URL.canParse(text))
    return 'url must be an absolute address that begins with http:// or https://.';
  if (/[\\\s\p{Cc}\p{Cf}]/u.test(text))
    return 'url contains a backslash, a space or an invisible character; encode it.';
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || /^https?:\/\/[^/?#]*@/i.test(text))
    return 'url contains credentials; send them in a header.';
  const host = url.hostname.replace(/\.$/, '');
  if (host.length > maxHostLength || (!host.startsWith('[') && host.split('.').some(isBadLabel)))
    return 'url has a host name that cannot exist.';
  return portProblem(url) ?? hostProblem(host, policy);
}

/** `xn--` alone spells nothing (RFC 5890 §2.3.2.1), and some versions of Node.js let it pass. */
const isBadLabel = (label: string): boolean => label.length === 0 || label.length > maxLabelLength || label === 'xn--';

function portProblem({ port: text }: URL): string | undefined {
  const port = Number(text);
  if (text === '' || webPorts.includes(port) || (port >= lowestFreePort && !refusedPorts.includes(port)))
    return undefined;
  return `url names port ${port}, which http jobs may not call; ports 80, 443 and most from ${lowestFreePort} on are allowed.`;
}

function hostProblem(host: string, policy: AddressPolicy): string | undefined {
  const address = literalAddress(host);
  // The addresses of a name are checked when it is resolved.
  const refusal = address === undefined ? policy.nameRefusal(host) : policy.refusal(address);
  return refusal && `url leads to ${host}, which is ${refusal}; ${publicOnly}`;
}

const publicOnly = 'http jobs call public addresses and those that the operator allows (HTTP_JOBS_ALLOW_ADDRESSES).';
