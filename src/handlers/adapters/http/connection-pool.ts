import type { Socket } from 'node:net';
import type { Connected, ConnectTo, Connector } from './target-connector.js';

interface Idle {
  socket: Socket;
  /** Takes the connection out of the pool without closing it. */
  leave(): void;
}

/** Whatever happens on an idle connection ends it: no answer is owed on it. */
const idleEvents = ['data', 'end', 'error', 'close', 'timeout'] as const;
const ignore = (): void => undefined;

/**
 * Connections to targets, used again while they are idle. There is no limit of those in use: the worker's places are one.
 */
export class ConnectionPool {
  private readonly open = new Set<Socket>();
  private readonly idle = new Map<string, Idle[]>();

  constructor(private readonly connect: Connector) {}

  /** @param taken called at once with the youngest idle connection, or later with a new one; nobody else has it */
  take(to: ConnectTo, taken: Connected): void {
    const idle = this.idle.get(keyOf(to))?.at(-1);
    if (idle) {
      idle.leave();
      return taken(null, idle.socket);
    }
    this.connect(to, (...[error, socket]) => {
      if (error) return taken(error, null);
      this.open.add(socket);
      // An error between two uses must not bring the process down.
      socket.on('error', ignore).once('close', () => this.open.delete(socket));
      taken(null, socket);
    });
  }

  /** Takes back a connection whose answer has ended. @param ms how long it may be used again */
  give(to: ConnectTo, socket: Socket, ms: number): void {
    // A turn of the event loop later: an answer that says it keeps the connection may be followed by its end.
    setImmediate(() => {
      if (socket.destroyed || socket.readableEnded || !this.open.has(socket)) return void socket.destroy();
      const key = keyOf(to);
      const end = (): void => {
        leave();
        socket.destroy();
      };
      const leave = (): void => {
        for (const event of idleEvents) socket.off(event, end);
        socket.setTimeout(0);
        this.forget(key, socket);
      };
      this.idle.set(key, [...(this.idle.get(key) ?? []), { socket, leave }]);
      for (const event of idleEvents) socket.on(event, end);
      socket.setTimeout(ms).resume();
    });
  }

  /** Closes all, also those in use. */
  destroy(): void {
    for (const socket of this.open) socket.destroy();
    this.open.clear();
  }

  private forget(key: string, socket: Socket): void {
    const others = (this.idle.get(key) ?? []).filter((idle) => idle.socket !== socket);
    if (others.length > 0) this.idle.set(key, others);
    else this.idle.delete(key);
  }
}

const keyOf = ({ protocol, hostname, port }: ConnectTo): string => `${protocol}//${hostname}:${port}`;
