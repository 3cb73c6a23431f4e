import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Call } from './ledgers.js';
import { aMailServer } from '../integration/handlers/mail-server.js';
import type { MailServer } from '../integration/handlers/mail-server.js';
import { TcpProxy } from './tcp-proxy.js';

/**
 * The outside world: notes every call before it answers. A path says how: `/<key>?delay=300&fail=2&then=reset`.
 * `fail`: so many calls get 500 before the work; `then`: after the work, `ok`, `reset` (connection dropped on the first call),
 * `busy` (429 first) or `hang` (the first call gets no answer for half a minute).
 */
export class Sink {
  readonly calls: Call[] = [];
  private readonly seen = new Map<string, number>();
  private readonly server: Server = createServer((request, reply) => this.answer(request, reply));
  /** Between the product and the mail server. */
  mailProxy!: TcpProxy;
  private readonly noticed: string[] = [];
  private mail!: MailServer;
  private mailsRead = 0;

  static async start(): Promise<Sink> {
    const sink = new Sink();
    await new Promise<void>((resolve) => sink.server.listen(0, '127.0.0.1', resolve));
    sink.mail = await aMailServer({ disabledCommands: ['STARTTLS'] });
    sink.mailProxy = await TcpProxy.start(sink.mail);
    return sink;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  get mailPort(): number {
    return this.mailProxy.port;
  }

  /** Calls since the last time, mails included. */
  take(): Call[] {
    this.readMail();
    this.mail.taken.length = 0;
    this.mailsRead = 0;
    this.noticed.length = 0;
    this.seen.clear();
    return this.calls.splice(0);
  }

  /** Ids of the failed runs that somebody was told of by mail, one for each mail. */
  notices(): string[] {
    this.readMail();
    return this.noticed;
  }

  /** Puts mails of jobs that have arrived among the calls; those that tell of a failure are kept apart. */
  readMail(): void {
    for (const { email } of this.mail.taken.slice(this.mailsRead)) {
      const runId = email.headers.find(({ key }) => key === 'x-punctual-run-id')?.value ?? '';
      if (email.headers.some(({ key }) => key === 'auto-submitted')) {
        this.noticed.push(runId);
        continue;
      }
      const at = Date.now();
      this.calls.push({
        ...{ key: email.subject ?? '', runId, leaseToken: null, startedAt: at, endedAt: at },
        ...{ effect: true, refused: false, askedMs: 0 },
      });
    }
    this.mailsRead = this.mail.taken.length;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    await this.mailProxy.stop();
    await this.mail.close();
  }

  private answer(request: IncomingMessage, reply: ServerResponse): void {
    const url = new URL(request.url ?? '/', this.url);
    const call: Call = {
      key: decodeURIComponent(url.pathname.slice(1)),
      runId: String(request.headers['idempotency-key']),
      leaseToken: Number(request.headers['x-punctual-lease-token']),
      startedAt: Date.now(),
      endedAt: null,
      effect: false,
      refused: false,
      askedMs: 0,
    };
    this.calls.push(call);
    const nth = (this.seen.get(call.runId) ?? 0) + 1;
    this.seen.set(call.runId, nth);
    reply.on('close', () => (call.endedAt ??= Date.now()));
    const then = url.searchParams.get('then') ?? 'ok';
    const finish = () => {
      if (call.endedAt !== null) return; // the caller has gone: the work was not done
      // The caller may have the answer before this process hears that it is gone.
      call.endedAt = Date.now();
      const busy = nth === 1 && then === 'busy';
      call.refused = busy || nth <= Number(url.searchParams.get('fail'));
      if (busy) call.askedMs = 1_000;
      if (call.refused)
        return void reply.writeHead(busy ? 429 : 500, busy ? { 'retry-after': '1' } : {}).end('not now');
      call.effect = true;
      if (nth === 1 && then === 'reset') return void request.socket.resetAndDestroy();
      reply.end('ok');
    };
    const delay = nth === 1 && then === 'hang' ? 30_000 : Number(url.searchParams.get('delay'));
    if (delay > 0) setTimeout(finish, delay);
    else finish();
  }
}
