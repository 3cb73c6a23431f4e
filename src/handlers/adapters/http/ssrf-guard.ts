import { lookup as dnsLookup } from 'node:dns';
import type { LookupAddress, LookupOptions } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { NonRetryableError } from '../../../runs/domain/outcome.js';
import { literalAddress } from '../../domain/address-policy.js';
import { connectionFault } from '../../domain/connection-fault.js';
import type { AddressPolicy } from '../../domain/address-policy.js';
import { targetConnector } from './target-connector.js';
import type { Connector } from './target-connector.js';

/** Resolves a host name to all of its addresses. */
export type Resolve = (
  host: string,
  options: LookupOptions & { all: true },
  done: (error: Error | null, addresses: LookupAddress[]) => void,
) => void;

/** What a guarded connector stands on; tests put a network of their own there. */
export const ConnectorParts = Symbol('ConnectorParts');
export interface ConnectorParts {
  resolve: Resolve;
  /** Opens a connection, finding the address of a host name with `lookup`. */
  connectWith(lookup: LookupFunction): Connector;
}

export const systemParts: ConnectorParts = {
  resolve: (host, options, done) => dnsLookup(host, options, done),
  connectWith: targetConnector,
};

/**
 * Opens connections only to addresses that `policy` lets through, checked three times because each check alone has a hole:
 * the literal in the URL, for which Node never calls `lookup`; every address of a name, at the very lookup whose answer is
 * connected to, so that a name server cannot answer differently a second time; and the peer's address once connected.
 */
export function guardedConnector(policy: AddressPolicy, parts: ConnectorParts): Connector {
  const connect = parts.connectWith(guardedLookup(policy, parts.resolve));
  return (options, callback) => {
    const literal = literalAddress(options.hostname);
    const refusal = literal === undefined ? undefined : policy.refusal(literal);
    if (refusal !== undefined) return callback(refused(options.hostname, refusal), null);
    connect(options, (...[error, socket]) => {
      if (error) return callback(withoutAddress(error, options.hostname), null);
      const peerRefusal = policy.refusal(socket.remoteAddress ?? '');
      if (peerRefusal === undefined) return callback(null, socket);
      socket.destroy();
      callback(refused(options.hostname, peerRefusal), null);
    });
  };
}

function guardedLookup(policy: AddressPolicy, resolve: Resolve): LookupFunction {
  return (host, options, done) => {
    resolve(host, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error || !first) return done(error ?? new Error(`${host} has no address.`), '');
      for (const { address } of addresses) {
        const refusal = policy.refusal(address);
        if (refusal !== undefined) return done(refused(host, refusal), '');
      }
      if (options.all) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}

/** What the operator allows has an address that is nobody else's business. */
function withoutAddress(error: Error, host: string): Error {
  const fault = connectionFault(error);
  const code = (error as { code?: unknown }).code;
  return fault === undefined ? error : Object.assign(new Error(`Could not connect to ${host}: ${fault}`), { code });
}

/** Does not say which address a name has: that would map the operator's network for whoever submits jobs. */
const refused = (host: string, refusal: string): Error =>
  new NonRetryableError(
    `SSRF_BLOCKED: ${host} leads to an address that is ${refusal}. Nothing was sent. ` +
      'An operator can allow internal targets with HTTP_JOBS_ALLOW_ADDRESSES.',
  );
