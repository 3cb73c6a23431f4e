import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One call that reached the outside world. */
export interface SinkCall {
  path: string;
  runId: string;
  attempt: number;
  leaseToken: number;
  startedAt: number;
  /** Null while it is under way, or when the caller went away. */
  endedAt: number | null;
}

/** A ledger outside of the product: an HTTP server that notes every call it gets, before it answers. */
export class Sink {
  readonly calls: SinkCall[] = [];

  private constructor(private readonly server: Server) {}

  /** @param answer what it does with a call; 200 by default */
  static async start(
    answer: (call: SinkCall, reply: ServerResponse) => void = (_call, reply) => reply.end('ok'),
  ): Promise<Sink> {
    const server = createServer();
    const sink = new Sink(server);
    server.on('request', (request: IncomingMessage, reply: ServerResponse) => {
      const call = callOf(request);
      sink.calls.push(call);
      reply.on('finish', () => (call.endedAt = Date.now()));
      answer(call, reply);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return sink;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  callsTo(path: string): SinkCall[] {
    return this.calls.filter((call) => call.path === path);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

const callOf = ({ url, headers }: IncomingMessage): SinkCall => ({
  path: url ?? '',
  runId: String(headers['idempotency-key']),
  attempt: Number(headers['x-punctual-attempt']),
  leaseToken: Number(headers['x-punctual-lease-token']),
  startedAt: Date.now(),
  endedAt: null,
});
