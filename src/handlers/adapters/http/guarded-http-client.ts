import { networkInterfaces } from 'node:os';
import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import { AddressPolicy } from '../../domain/address-policy.js';
import type { HttpAnswer, HttpRequest, IHttpClient } from '../../interfaces/http-client.js';
import { readBody } from './answer-body.js';
import { ConnectorParts, guardedConnector } from './ssrf-guard.js';
import { ConnectionPool } from './connection-pool.js';
import { HttpExchange } from './http-exchange.js';
import { requestHead } from './request-head.js';
import type { ConnectTo } from './target-connector.js';

/** Sends requests over connections of its own; docs/decisions/0024 says why no library's client does. */
@Injectable()
export class GuardedHttpClient implements IHttpClient, OnApplicationShutdown {
  private readonly pool: ConnectionPool;

  constructor(@Inject(AddressPolicy) policy: AddressPolicy, @Inject(ConnectorParts) parts: ConnectorParts) {
    this.pool = new ConnectionPool(guardedConnector(policy, parts));
  }

  async send(request: HttpRequest): Promise<HttpAnswer> {
    const { signal, bodyLimitBytes, bodyWithin } = request;
    const exchange = await this.begin(request);
    const onAbort = (): void => exchange.stop(signal.reason as Error);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    let timer: NodeJS.Timeout | undefined;
    try {
      const { status, headers, codings } = await exchange.head;
      if (bodyWithin && !exchange.isOver)
        timer = setTimeout(() => exchange.stop(bodyWithin.late()), bodyWithin.ms()).unref();
      const read = await readBody(exchange.body, { codings, contentType: headers['content-type'] }, bodyLimitBytes);
      const problem = exchange.problem ?? read.problem;
      return {
        ...{ status, headers, body: read.text, bodyTruncated: read.truncated },
        ...(problem !== undefined && !read.truncated && { bodyError: problem }),
      };
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Runs last at shutdown, when no run is left: what is still open belongs to abandoned attempts. */
  onApplicationShutdown(): void {
    this.pool.destroy();
  }

  private begin({ url: text, method, headers, body, signal }: HttpRequest): Promise<HttpExchange> {
    const url = new URL(text);
    const to: ConnectTo = { protocol: url.protocol, hostname: url.hostname.replace(/^\[|\]$/g, ''), port: url.port };
    const head = requestHead(url, method, headers, body);
    return new Promise((resolve, reject) => {
      const onAbort = (): void => reject(signal.reason as Error);
      if (signal.aborted) return onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      this.pool.take(to, (...[error, socket]) => {
        signal.removeEventListener('abort', onAbort);
        if (error) return reject(error);
        if (signal.aborted) return void socket.destroy();
        const exchange = new HttpExchange(socket, method, (ms) => this.pool.give(to, socket, ms));
        exchange.send(head, body);
        resolve(exchange);
      });
    });
  }
}

/** This machine's addresses on its networks, loopback aside. */
export const ownAddresses = (): string[] =>
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal }) => !internal)
    .map(({ address }) => address);
