import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { literalAddress } from '../../../src/handlers/domain/address-policy.js';
import type { ConnectorParts } from '../../../src/handlers/adapters/http/ssrf-guard.js';

/** A connection that a worker opened: for which host, and to which address. */
export interface Opened {
  host: string;
  address: string;
  /** What was sent on it. */
  bytes: number;
}

/** A name's addresses, one list for each look-up; the last stays. */
export type Addresses = readonly (readonly string[])[];

/**
 * The world as a worker sees it: names, addresses and sockets of the test's own. Every connection, wherever it is meant to
 * lead, ends at one server on loopback, so that nothing leaves this machine even where a guard fails.
 */
export class Outside {
  readonly opened: Opened[] = [];
  readonly lookedUp: string[] = [];
  private readonly names = new Map<string, string[][]>();
  private readonly peers = new Map<string, string>();
  private readonly redirects = new Map<string, [number, string]>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Outside> {
    const server = createServer();
    const outside = new Outside(server);
    server.on('request', (request, reply) => {
      const [status, location] = outside.redirects.get(request.headers.host ?? '') ?? [200, undefined];
      reply.writeHead(status, { connection: 'close', ...(location !== undefined && { location }) });
      reply.end('from outside');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return outside;
  }

  name(host: string, addresses: Addresses): void {
    this.names.set(
      host,
      addresses.map((list) => [...list]),
    );
  }

  /** What a connection to `host` says of its other end, whatever was looked up. */
  peer(host: string, address: string): void {
    this.peers.set(host, address);
  }

  redirect(host: string, status: number, location: string): void {
    this.redirects.set(host, [status, location]);
  }

  openedTo(host: string): Opened[] {
    return this.opened.filter((one) => one.host === host);
  }

  readonly parts: ConnectorParts = {
    resolve: (host, _options, done) => {
      this.lookedUp.push(host);
      const lists = this.names.get(host) ?? [];
      const addresses = (lists.length > 1 ? lists.shift() : lists[0]) ?? [];
      if (addresses.length === 0) return done(new Error(`${host} has no address here.`), []);
      done(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    },
    connectWith: (lookup) => (options, callback) => {
      const open = (address: string): void => this.open(options.hostname, address, callback as never);
      const literal = literalAddress(options.hostname);
      if (literal !== undefined) return open(literal);
      lookup(options.hostname, { all: true }, (error, found) => {
        if (error) return callback(error, null);
        open(Array.isArray(found) ? (found[0]?.address ?? '') : found);
      });
    },
  };

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private open(host: string, address: string, callback: (error: Error | null, socket: unknown) => void): void {
    const opened: Opened = { host, address, bytes: 0 };
    this.opened.push(opened);
    const socket = connect((this.server.address() as AddressInfo).port, '127.0.0.1');
    Object.defineProperty(socket, 'remoteAddress', { value: this.peers.get(host) ?? address });
    socket.once('error', (error) => callback(error, null));
    socket.once('connect', () => callback(null, socket));
    socket.once('close', () => (opened.bytes = socket.bytesWritten));
  }
}
