import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a proxy does with new bytes. */
export interface ProxyFault {
  /** Bytes vanish, in both directions, and nobody is told. A connection that lost bytes stays dead. */
  dead?: boolean;
  /** Ms that each piece of an answer is held back; some pieces longer. */
  delayMs?: () => number;
  /** Whether the answer to this request is to be lost: the server does the work, the client sees its connection break. */
  loseAnswerTo?: (request: Buffer) => boolean;
  /** Whether this request is to be lost: its connection breaks before the server has heard of it. */
  loseRequest?: (request: Buffer) => boolean;
  /** Whether a new connection is to be refused. */
  refuse?: () => boolean;
}

/** A TCP proxy on loopback that can misbehave. */
export class TcpProxy {
  fault: ProxyFault = {};
  private readonly server: Server;
  private readonly pairs = new Set<[Socket, Socket]>();
  /** Connections to the server whose client has gone without a word. */
  private readonly orphans = new Set<Socket>();

  private constructor(private readonly target: { port: number }) {
    this.server = createServer((client) => this.join(client));
  }

  /** @param target read at each connection: a server that was restarted may have another port */
  static async start(target: { port: number }): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** No further faults. The server is told of clients that have gone meanwhile, as its keep-alive would tell it in time. */
  heal(): void {
    this.fault = {};
    for (const orphan of this.orphans) orphan.destroy();
    this.orphans.clear();
  }

  async stop(): Promise<void> {
    for (const pair of this.pairs) for (const socket of pair) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private bury(orphan: Socket): void {
    if (this.fault.dead !== true) orphan.destroy();
    else if (!orphan.destroyed) this.orphans.add(orphan);
  }

  private join(client: Socket): void {
    if (this.fault.refuse?.()) return void client.resetAndDestroy();
    const server = connect(this.target.port, '127.0.0.1');
    const pair: [Socket, Socket] = [client, server];
    this.pairs.add(pair);
    const state = { dead: false, lost: false };
    for (const [from, to] of [pair, [server, client] as const]) {
      from.setNoDelay(true);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.pairs.delete(pair);
        this.orphans.delete(from);
        if (!state.dead) to.destroy();
        else if (to === server) this.bury(server);
      });
      from.on('end', () => state.dead || to.end());
    }
    const swallows = () => (state.dead ||= this.fault.dead === true);
    client.on('data', (bytes: Buffer) => {
      if (swallows()) return;
      if (this.fault.loseRequest?.(bytes)) return void client.resetAndDestroy();
      if (this.fault.loseAnswerTo?.(bytes)) state.lost = true;
      server.write(bytes);
    });
    let queue = Promise.resolve();
    server.on('data', (bytes: Buffer) => {
      if (swallows()) return;
      if (state.lost) return void client.resetAndDestroy();
      const { delayMs } = this.fault;
      queue = queue
        .then(() => (delayMs ? sleep(delayMs()) : undefined))
        .then(() => {
          if (!client.destroyed) client.write(bytes);
        });
    });
  }
}
