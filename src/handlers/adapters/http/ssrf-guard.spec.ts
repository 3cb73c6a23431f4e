import { describe, expect, it } from '@jest/globals';
import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { NonRetryableError } from '../../../runs/domain/outcome.js';
import { AddressPolicy } from '../../domain/address-policy.js';
import { guardedConnector } from './ssrf-guard.js';
import type { Connected, Connector } from './target-connector.js';

interface Answer {
  error: Error | null;
  socket: { destroyed: boolean } | null;
}

/**
 * A connector whose name server and network are played: nothing leaves this process.
 * @param answers one list of addresses for each look-up, in order
 * @param peer where the played network really leads; by default the first address that was looked up
 */
function aNetwork({
  answers = [] as string[][],
  peer = undefined as string | undefined,
  all = true,
  allowLoopback = false,
}) {
  const opened: { destroyed: boolean; destroy(): void; remoteAddress?: string }[] = [];
  let lookups = 0;
  const open = (address: string | undefined, callback: Connected): void => {
    const socket = {
      destroyed: false,
      destroy: () => void (socket.destroyed = true),
      ...(address !== undefined && { remoteAddress: address }),
    };
    opened.push(socket);
    callback(null, socket as never);
  };
  const connectWith =
    (lookup: LookupFunction): Connector =>
    ({ hostname }, callback) => {
      if (/^[\d.]+$|:/.test(hostname)) return open(peer ?? hostname, callback);
      lookup(hostname, { all }, (error, found) => {
        if (error) return callback(error, null);
        open(peer ?? (typeof found === 'string' ? found : found[0]?.address), callback);
      });
    };
  const resolve = (
    _host: string,
    _options: unknown,
    done: (error: Error | null, found: LookupAddress[]) => void,
  ): void => {
    const found = (answers[lookups++] ?? []).map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
    done(null, found);
  };
  const connector = guardedConnector(new AddressPolicy({ allowLoopback, allow: [], deny: [], own: [] }), {
    resolve,
    connectWith,
  });
  const connect = (hostname: string): Answer => {
    let answer: Answer = { error: null, socket: null };
    connector({ hostname, protocol: 'http:', port: '80' }, (...[error, socket]) => void (answer = { error, socket }));
    return answer;
  };
  return { connect, opened, lookups: () => lookups };
}

const blocked = { error: expect.any(NonRetryableError), socket: null };

describe('guardedConnector', () => {
  it.each([
    '127.0.0.1',
    '10.0.0.1',
    '169.254.169.254',
    '168.63.129.16',
    '::1',
    '[::1]',
    '::ffff:7f00:1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
  ])('opens nothing to the literal %s', (host) => {
    const network = aNetwork({});
    expect(network.connect(host)).toEqual(blocked);
    expect(network.opened).toEqual([]);
  });

  it.each([
    [['127.0.0.1']],
    [['169.254.169.254']],
    [['93.184.216.34', '10.0.0.1']],
    [['10.0.0.1', '93.184.216.34']],
    [['2606:4700::1', '::ffff:10.0.0.1']],
    [['93.184.216.34', 'fe80::1%eth0']],
  ])('opens nothing to a name with the addresses %p', (addresses) => {
    for (const all of [true, false]) {
      const network = aNetwork({ answers: [addresses], all });
      expect(network.connect('rebind.example')).toEqual(blocked);
      expect(network.opened).toEqual([]);
    }
  });

  it('tells the host, not the address behind it', () => {
    const { error } = aNetwork({ answers: [['10.11.12.13']] }).connect('db.internal');
    expect(error?.message).toMatch(/^SSRF_BLOCKED: db\.internal leads to an address that is not a public address/);
    expect(error?.message).not.toContain('10.11.12.13');
  });

  it.each([true, false])('opens to a name whose addresses are all public (all: %p)', (all) => {
    const network = aNetwork({ answers: [['93.184.216.34', '2606:4700::1']], all });
    expect(network.connect('example.com')).toMatchObject({ error: null, socket: { remoteAddress: '93.184.216.34' } });
  });

  it('looks a name up once: there is no second answer to differ', () => {
    const network = aNetwork({ answers: [['93.184.216.34'], ['127.0.0.1']] });
    expect(network.connect('rebind.example').error).toBeNull();
    expect(network.lookups()).toBe(1);
  });

  it('checks each new connection afresh', () => {
    const network = aNetwork({ answers: [['93.184.216.34'], ['127.0.0.1']] });
    network.connect('rebind.example');
    expect(network.connect('rebind.example')).toEqual(blocked);
    expect(network.opened).toHaveLength(1);
  });

  it.each(['127.0.0.1', '::ffff:127.0.0.1', undefined])(
    'closes a connection that has reached %p all the same',
    (peer) => {
      const network = aNetwork({ answers: [['93.184.216.34']], peer: peer ?? '' });
      expect(network.connect('example.com')).toEqual(blocked);
      expect(network.opened).toMatchObject([{ destroyed: true }]);
    },
  );

  it('passes on that a name does not exist', () => {
    const { error } = aNetwork({ answers: [[]] }).connect('nowhere.example');
    expect(error?.message).toBe('nowhere.example has no address.');
    expect(error).not.toBeInstanceOf(NonRetryableError);
  });

  it('opens to loopback where it is allowed', () => {
    expect(aNetwork({ allowLoopback: true }).connect('127.0.0.1').error).toBeNull();
    expect(aNetwork({ allowLoopback: true, answers: [['::1', '127.0.0.1']] }).connect('localhost').error).toBeNull();
    expect(aNetwork({ allowLoopback: true, answers: [['127.0.0.1', '10.0.0.1']] }).connect('localhost')).toEqual(
      blocked,
    );
  });
});
