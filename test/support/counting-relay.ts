import { connect, createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';

/** Stands between the product and a server, and counts what the server sends. */
export class CountingRelay {
  /** Bytes from the server since the start; a test may set it back. */
  received = 0;

  private constructor(private readonly server: Server) {}

  static async start(host: string, port: number): Promise<CountingRelay> {
    const server = createServer();
    const relay = new CountingRelay(server);
    server.on('connection', (client) => {
      const upstream = connect(port, host);
      upstream.on('data', (part) => (relay.received += part.length));
      client.pipe(upstream).pipe(client);
      client.on('error', () => upstream.destroy());
      upstream.on('error', () => client.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return relay;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.server.close(() => resolve()));
  }
}
