import { createServer } from 'node:http';
import type { IncomingHttpHeaders, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { formsOf } from './forms.js';

interface Received {
  url: string;
  headers: IncomingHttpHeaders;
  /** Parsed where it is JSON. */
  body: unknown;
}

/** A target that says all that it was told, in every form: with status 500 where the path begins with `/fail`. */
export class EchoTarget {
  private readonly requests: Received[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<EchoTarget> {
    const server = createServer();
    const target = new EchoTarget(server);
    server.on('request', (request, reply) => {
      void text(request).then((body) => {
        const { url = '', headers } = request;
        target.requests.push({ url, headers, body: body === '' ? body : (JSON.parse(body) as unknown) });
        const said = [url, body, ...Object.values(headers).flat(), ...textsOf(body)];
        const answer = said.flatMap((one = '') => formsOf(one)).join('\n');
        reply.writeHead(url.startsWith('/fail') ? 500 : 200, { 'x-said': encodeURIComponent(textsOf(body)[0] ?? '') });
        reply.end(answer);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return target;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** What came to this path, the oldest first. */
  received(path: string): Received[] {
    return this.requests.filter(({ url }) => url.split('?')[0] === path);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

/** Every text in a body of JSON. */
function textsOf(body: string): string[] {
  const texts: string[] = [];
  if (body !== '')
    JSON.parse(body, (_key, value: unknown) => {
      if (typeof value === 'string') texts.push(value);
      return value;
    });
  return texts;
}
