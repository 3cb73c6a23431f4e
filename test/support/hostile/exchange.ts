import { Agent, request as send } from 'node:http';
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { connect } from 'node:net';

export interface HostileRequest {
  /** Whose token it carries; `A` unless given. */
  as?: 'A' | 'B' | 'nobody';
  /** `POST` unless given. */
  method?: string;
  /** `/jobs` unless given. */
  path?: string;
  headers?: OutgoingHttpHeaders;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is. */
  body?: string | Buffer;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  ms: number;
  /** What was sent, to tell an echo from a leak. */
  sent: string;
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

export function exchange(url: string, sent: HostileRequest, authorization?: string): Promise<Answer> {
  const { method = 'POST', path = '/jobs', json, headers = {} } = sent;
  const body = sent.body ?? (json === undefined ? undefined : JSON.stringify(json));
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const outgoing = send(`${url}/`, {
      agent,
      method,
      path,
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
        ...(authorization !== undefined && { authorization }),
        ...headers,
      },
    });
    outgoing.on('response', (incoming) => {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('error', reject);
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          text: Buffer.concat(parts).toString(),
          ms: performance.now() - startedAt,
          sent: `${method} ${path} ${JSON.stringify(headers)} ${String(body ?? '')}`,
        }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Sends bytes as they are on a connection of their own; answers what came back until it was closed or answered. */
export function exchangeBytes(url: string, parts: readonly (string | Buffer)[], closeAfterMs = 1_500): Promise<Answer> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    let text = '';
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    const timer = setTimeout(() => socket.destroy(), closeAfterMs);
    socket.on('data', (data) => {
      text += data.toString('latin1');
      // A server that has answered and waits for the next request.
      if (/\r\n\r\n[\s\S]*\}$/.test(text)) socket.end();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve({ ...parsed(text), ms: performance.now() - startedAt, sent: parts.map(String).join('').slice(0, 4_096) });
    });
    for (const part of parts) socket.write(part);
  });
}

/** Status 0 is a connection that was closed without an answer. */
function parsed(text: string): Pick<Answer, 'status' | 'headers' | 'text'> {
  const [head = '', ...body] = text.split('\r\n\r\n');
  const [first = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const raw = body.join('\r\n\r\n');
  // A chunked body: what stands between the braces.
  const json = raw.slice(raw.indexOf('{'), raw.lastIndexOf('}') + 1);
  return { status: Number(first.split(' ')[1] ?? 0), headers, text: json };
}
