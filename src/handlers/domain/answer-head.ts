/**
 * How the end of a body is known (RFC 9112 §6.3): there is none, it has so many bytes, it comes in chunks, it goes on until the
 * connection ends, or the head contradicts itself, so that nobody can tell.
 */
export type BodyFraming =
  | { kind: 'none' }
  | { kind: 'length'; bytes: number }
  | { kind: 'chunked' }
  | { kind: 'rest' }
  | { kind: 'unknown'; why: string };

export interface AnswerHead {
  status: number;
  /** Names in lower case; values of one name joined by ", ". */
  headers: Record<string, string>;
  framing: BodyFraming;
  /** Codings to undo, in the order in which they were applied; the framing of `chunked` is not among them. */
  codings: string[];
  /** How long the connection may be used again, in ms; 0 when it may not. */
  reusableMs: number;
}

const statusLine = /^HTTP\/(1\.\d) ([1-9]\d\d)(?: |$)/;
const fieldLine = /^([!#$%&'*+.^_`|~0-9a-z-]+)[ \t]*:(.*)$/i;
/** They become spaces in a value (RFC 9110 §5.5). */
const controls = /\p{Cc}/gu;
/** No content by definition: RFC 9110 §15.3.5, §15.3.6, §15.4.5. */
const bodiless: readonly number[] = [204, 205, 304];
const defaultReuseMs = 4_000;
const longestReuseMs = 60_000;
/** The connection is left this long before its target would close it, so that a request does not cross with its end. */
const reuseMarginMs = 1_000;

/** Whether a status line has come in full, and whether it names a final status: one that decides what became of the request. */
export function finalStatusOf(line: string): number | undefined {
  const status = Number(statusLine.exec(line)?.[2] ?? 0);
  return status >= 200 ? status : undefined;
}

/**
 * Reads the head of an answer, status line first. Lines that are no fields are passed over: what follows a status does not
 * make it unsaid.
 * @param lines without their ends
 * @param method of the request: an answer to HEAD has no body
 * @returns undefined when it is not HTTP/1
 */
export function readHead(lines: readonly string[], method: string): AnswerHead | undefined {
  const [, version, status] = statusLine.exec(lines[0] ?? '') ?? [];
  if (version === undefined) return undefined;
  const headers = readFields(lines.slice(1));
  const transfer = listOf(headers['transfer-encoding']).filter((coding) => coding !== 'identity');
  const codings = [...listOf(headers['content-encoding']), ...transfer].filter(
    (coding) => coding !== 'identity' && coding !== 'chunked',
  );
  const head = { status: Number(status), headers, codings };
  const framing = framingOf(head, transfer, method);
  return { ...head, framing, reusableMs: isReusable(head, framing, version, transfer) ? reuseMs(headers) : 0 };
}

function readFields(lines: readonly string[]): Record<string, string> {
  const values = new Map<string, string>();
  let last: string | undefined;
  for (const line of lines) {
    const [, name, value = ''] = fieldLine.exec(line) ?? [];
    // A line that begins with a space goes on with the one before it (RFC 9112 §5.2).
    if (/^[ \t]/.test(line) && last !== undefined) values.set(last, `${values.get(last) ?? ''} ${clean(line)}`.trim());
    else last = name?.toLowerCase();
    if (last === undefined || name === undefined) continue;
    const before = values.get(last);
    values.set(last, before === undefined ? clean(value) : `${before}, ${clean(value)}`);
  }
  return Object.fromEntries(values);
}

const clean = (value: string): string => value.replace(controls, ' ').trim();

const listOf = (value = ''): string[] =>
  value
    .split(',')
    .map((part) => part.trim().toLowerCase())
    .filter((part) => part !== '');

function framingOf(
  { status, headers }: Pick<AnswerHead, 'status' | 'headers'>,
  transfer: readonly string[],
  method: string,
): BodyFraming {
  if (method === 'HEAD' || status < 200 || bodiless.includes(status)) return { kind: 'none' };
  if (transfer.length > 0) return { kind: transfer.at(-1) === 'chunked' ? 'chunked' : 'rest' };
  // The same length said twice is one (RFC 9110 §8.6).
  const lengths = new Set(listOf(headers['content-length']));
  const [length] = lengths;
  if (length === undefined) return { kind: 'rest' };
  if (lengths.size === 1 && /^\d+$/.test(length)) return { kind: 'length', bytes: Number(length) };
  return { kind: 'unknown', why: `The answer's Content-Length is not one number: ${headers['content-length']}.` };
}

function isReusable(
  { status, headers }: Pick<AnswerHead, 'status' | 'headers'>,
  framing: BodyFraming,
  version: string,
  transfer: readonly string[],
): boolean {
  const options = listOf(headers.connection);
  if (options.includes('close') || (version === '1.0' && !options.includes('keep-alive'))) return false;
  if (framing.kind === 'rest' || framing.kind === 'unknown') return false;
  const length = headers['content-length'];
  // Two framings, of which the target may have meant the other (RFC 9112 §6.1).
  if (transfer.length > 0 && length !== undefined) return false;
  // Bytes that should not be there would be taken for the next answer.
  const mayTrail = transfer.length > 0 || Number(length ?? 0) !== 0;
  return !((status === 204 || status === 205) && mayTrail);
}

function reuseMs(headers: AnswerHead['headers']): number {
  const [, seconds] = /(?:^|[,\s])timeout=(\d+)/i.exec(headers['keep-alive'] ?? '') ?? [];
  if (seconds === undefined) return defaultReuseMs;
  return Math.max(0, Math.min(Number(seconds) * 1_000 - reuseMarginMs, longestReuseMs));
}
