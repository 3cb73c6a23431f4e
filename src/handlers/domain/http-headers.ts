import type { FieldProblem } from '../../kernel/errors.js';

const maxHeaders = 50;
const maxHeaderBytes = 8_192;
const tokenPattern = /^[!#$%&'*+.^_`|~0-9a-z-]+$/i;
/** Visible Latin-1, spaces and tabs: what RFC 9110 lets a field value be. */
const valuePattern = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Set by the connection or by Punctual itself. */
const reserved = new Set([
  ...['host', 'connection', 'keep-alive', 'proxy-connection', 'content-length', 'transfer-encoding', 'te', 'trailer'],
  ...['upgrade', 'expect', 'http2-settings', 'proxy-authorization', 'proxy-authenticate'],
  ...['user-agent', 'idempotency-key'],
]);
const reservedPrefix = 'x-punctual-';

/** What is wrong with the headers that a job wants to send, with pointers such as `/headers/Host`. */
export function headerProblems(headers: Readonly<Record<string, unknown>>): FieldProblem[] {
  const entries = Object.entries(headers);
  if (entries.length > maxHeaders) return [{ pointer: '/headers', detail: `At most ${maxHeaders} headers are sent.` }];
  return entries.flatMap(([name, value]) => {
    const detail = headerProblem(name, value);
    const pointer = `/headers/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    return detail === undefined ? [] : [{ pointer, detail }];
  });
}

function headerProblem(name: string, value: unknown): string | undefined {
  const lower = name.toLowerCase();
  if (!tokenPattern.test(name)) return 'A header name is letters, digits and hyphens.';
  if (reserved.has(lower) || lower.startsWith(reservedPrefix))
    return `${name} is set by Punctual and cannot be changed.`;
  if (typeof value !== 'string') return `The value of ${name} must be text.`;
  if (value.length > maxHeaderBytes) return `The value of ${name} is longer than ${maxHeaderBytes} characters.`;
  if (!valuePattern.test(value)) return `The value of ${name} has a line break or a character outside Latin-1.`;
  return undefined;
}
