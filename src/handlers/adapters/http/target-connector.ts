import { connect as connectTcp, isIP } from 'node:net';
import type { LookupFunction, Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** Where a connection leads. */
export interface ConnectTo {
  protocol: string;
  /** A name, or a literal address without brackets. */
  hostname: string;
  /** Empty for the protocol's own. */
  port: string;
}

export type Connected = (...result: [error: Error, socket: null] | [error: null, socket: Socket]) => void;
export type Connector = (to: ConnectTo, connected: Connected) => void;

const connectTimeoutMs = 10_000;
const keepAliveProbeMs = 60_000;
const maxSessions = 100;

/**
 * Opens connections, for https with the target's certificate checked against the host's name. Finds the address of a name with
 * `lookup`, and connects to what that answers.
 */
export function targetConnector(lookup: LookupFunction): Connector {
  const sessions = new Map<string, Buffer>();
  return ({ protocol, hostname, port }, connected) => {
    const isTls = protocol === 'https:';
    const to = { host: hostname, port: Number(port === '' ? (isTls ? 443 : 80) : port), lookup };
    const socket = isTls ? openTls(to, sessions) : connectTcp(to);
    socket.setKeepAlive(true, keepAliveProbeMs).setNoDelay(true);
    const timer = setTimeout(() => {
      const late = new Error(`${hostname} could not be connected to within ${connectTimeoutMs} ms.`);
      socket.destroy(Object.assign(late, { code: 'ETIMEDOUT' }));
    }, connectTimeoutMs);
    const onError = (error: Error): void => {
      clearTimeout(timer);
      connected(error, null);
    };
    socket.once('error', onError).once(isTls ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer);
      socket.off('error', onError);
      connected(null, socket);
    });
  };
}

function openTls(to: { host: string; port: number; lookup: LookupFunction }, sessions: Map<string, Buffer>): Socket {
  const key = `${to.host}:${to.port}`;
  const session = sessions.get(key);
  // An address is no server name (RFC 6066 §3), and neither is the dot that ends a full name.
  const servername = isIP(to.host) === 0 ? to.host.replace(/\.$/, '') : '';
  const socket = connectTls({ ...to, servername, ALPNProtocols: ['http/1.1'], ...(session && { session }) });
  return socket.on('session', (ticket) => {
    sessions.delete(key);
    sessions.set(key, ticket);
    const [oldest] = sessions.keys();
    if (sessions.size > maxSessions && oldest !== undefined) sessions.delete(oldest);
  });
}
