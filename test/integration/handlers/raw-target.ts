import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

export interface RawTarget {
  url: string;
  /** Requests that came, over all connections. */
  requests: number;
  connections: number;
  close(): Promise<void>;
}

/** A TCP server on loopback that answers the head of each request with bytes of the test's choosing. */
export async function aRawTarget(answer: (socket: Socket, nth: number) => void): Promise<RawTarget> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    target.connections += 1;
    sockets.add(socket.on('close', () => sockets.delete(socket)).on('error', () => undefined));
    socket.on('data', (data) => {
      if (!data.includes('\r\n\r\n')) return;
      target.requests += 1;
      answer(socket, target.requests);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const target: RawTarget = {
    ...{ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, requests: 0, connections: 0 },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return target;
}
