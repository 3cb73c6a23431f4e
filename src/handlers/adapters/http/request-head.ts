/** Methods whose requests say that they have no body, when they have none (RFC 9110 §8.6). */
const usuallyWithBody: readonly string[] = ['POST', 'PUT', 'PATCH'];

/**
 * The head of a request of HTTP/1.1, to be sent in Latin-1.
 * @throws TypeError for a line break in what users chose, which would begin a field, or a request, of theirs
 */
export function requestHead(
  url: URL,
  method: string,
  headers: Readonly<Record<string, string>>,
  body: string | undefined,
): string {
  const length = body === undefined ? undefined : Buffer.byteLength(body);
  const fields = { host: url.host, connection: 'keep-alive', ...headers };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  if (length !== undefined || usuallyWithBody.includes(method)) lines.push(`content-length: ${length ?? 0}`);
  lines.unshift(`${method} ${url.pathname}${url.search} HTTP/1.1`);
  if (lines.some((line) => /[\r\n\0]/.test(line))) throw new TypeError('A header holds a line break.');
  return `${lines.join('\r\n')}\r\n\r\n`;
}
