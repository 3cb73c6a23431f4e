import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage['headers'];
  body: string;
}

export interface Target {
  port: number;
  url: string;
  /** Every request, once its body was read. */
  received: Received[];
  /** Connections accepted so far. */
  connections: number;
  /** Resolves when a connection has been closed, by whichever side. */
  closed: Promise<void>;
  close(): Promise<void>;
}

/** A real HTTP server on loopback that answers as the test says. */
export async function aTarget(
  answer: (request: IncomingMessage, response: ServerResponse, nth: number) => void,
): Promise<Target> {
  const received: Received[] = [];
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url, headers } = request;
      received.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
      answer(request, response, received.length);
    });
  };
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const target: Target = {
    ...{ port, url: `http://127.0.0.1:${port}/`, received, connections: 0, closed: Promise.resolve() },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  target.closed = new Promise((resolve) => {
    server.on('connection', (socket) => {
      target.connections += 1;
      socket.on('close', () => resolve());
    });
  });
  return target;
}
