import { networkInterfaces } from 'node:os';
import { Inject, Injectable } from '@nestjs/common';
import type { OnApplicationShutdown } from '@nestjs/common';
import { Agent, request as send } from 'undici';
import type { Dispatcher } from 'undici';
import { AddressPolicy } from '../domain/address-policy.js';
import type { HttpAnswer, HttpRequest, IHttpClient } from '../interfaces/http-client.js';
import { readBody } from './answer-body.js';
import { ConnectorParts, guardedConnector } from './guarded-connector.js';

const maxHeaderBytes = 16_384;

@Injectable()
export class UndiciHttpClient implements IHttpClient, OnApplicationShutdown {
  private readonly agent: Dispatcher;

  constructor(@Inject(AddressPolicy) policy: AddressPolicy, @Inject(ConnectorParts) parts: ConnectorParts) {
    // The caller's signal limits the whole exchange; undici's own limits are for gaps within it.
    const limits = { headersTimeout: 0, bodyTimeout: 0, maxHeaderSize: maxHeaderBytes };
    this.agent = new Agent({ ...limits, connect: guardedConnector(policy, parts) });
  }

  async send({ url, method, headers, body, signal, bodyLimitBytes }: HttpRequest): Promise<HttpAnswer> {
    const options = { dispatcher: this.agent, method, headers, signal };
    const answer = await send(url, { ...options, body: body ?? null });
    // A body that breaks after it was left behind must not bring the process down.
    answer.body.on('error', () => undefined);
    const answerHeaders = flat(answer.headers);
    const { text, truncated } =
      method === 'HEAD' ? { text: '', truncated: false } : await readBody(answer.body, answerHeaders, bodyLimitBytes);
    return { status: answer.statusCode, headers: answerHeaders, body: text, bodyTruncated: truncated };
  }

  /** Runs last at shutdown, when no run is left: what is still open belongs to abandoned attempts. */
  async onApplicationShutdown(): Promise<void> {
    await this.agent.destroy();
  }
}

const flat = (headers: Dispatcher.ResponseData['headers']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );

/** This machine's addresses on its networks, loopback aside. */
export const ownAddresses = (): string[] =>
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal }) => !internal)
    .map(({ address }) => address);
