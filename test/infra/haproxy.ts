import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onPath } from '../../scripts/local/debian-packages.mjs';
import { freePort } from '../../scripts/local/ports.mjs';
import { listens } from './pgbouncer.js';
import type { Stage } from './stage.js';

const host = '127.0.0.1';

interface Balanced {
  name: string;
  mode: 'tcp' | 'http';
  /** Ports of the servers, and where each one's health is asked for. */
  servers: { port: number; checkPort: number }[];
  /** Path of the check. */
  path: string;
  /** Lines of the backend. */
  backend?: string[];
  /** Of each check. */
  intervalMs: number;
  /** Words behind each server. */
  serverWords?: string;
}

/** HAProxy before servers. @returns its port */
export async function haproxy(stage: Stage, balanced: Balanced): Promise<number> {
  const { name, mode, servers, path, backend = [], intervalMs, serverWords = '' } = balanced;
  const port = await freePort();
  const lines = servers.map(
    (server, place) =>
      `  server s${place + 1} ${host}:${server.port} check port ${server.checkPort} inter ${intervalMs}ms fall 1 rise 1 ${serverWords}`,
  );
  const file = stage.file(
    `${name}.cfg`,
    `defaults
  mode ${mode}
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  timeout check 3s
listen ${name}
  bind ${host}:${port}
  option httpchk GET ${path}
${backend.map((line) => `  ${line}\n`).join('')}${lines.join('\n')}
`,
  );
  await stage.server({
    name,
    line: [onPath('haproxy') ?? '/usr/sbin/haproxy', '-db', '-f', file],
    answers: () => listens(port),
  });
  return port;
}

/** Answers 200 while `isWell` says so, as the REST API of a manager of failovers does. @returns its port */
export async function healthServer(stage: Stage, isWell: () => Promise<boolean>): Promise<number> {
  const server = createServer((_, response) => {
    void isWell()
      .catch(() => false)
      .then((well) => response.writeHead(well ? 200 : 503).end());
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  stage.onEnd(() => new Promise((resolve) => server.close(resolve)));
  return (server.address() as AddressInfo).port;
}
