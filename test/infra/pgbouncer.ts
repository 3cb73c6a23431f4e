import { connect } from 'node:net';
import { onPath } from '../../scripts/local/debian-packages.mjs';
import { freePort } from '../../scripts/local/ports.mjs';
import { Postgres } from './postgres.js';
import type { Server, Stage } from './stage.js';

const host = '127.0.0.1';

/** Resolves when something listens at the port. */
export const listens = (port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, host, () => {
      socket.destroy();
      resolve();
    });
    socket.on('error', reject);
  });

/** PgBouncer before a server. @param at a port; a free one by default. @returns the process, and the product's environment of the way through it */
export async function pgbouncer(
  stage: Stage,
  postgres: Postgres,
  mode: 'session' | 'transaction' | 'statement',
  at?: number,
): Promise<{ server: Server; port: number; environment: Record<string, string> }> {
  const port = at ?? (await freePort());
  const { username, password } = Postgres.role;
  const users = stage.file(`pgbouncer-${mode}.users`, `"${username}" "${password}"\n`);
  const settings = stage.file(
    `pgbouncer-${mode}.ini`,
    `[databases]
* = host=${host} port=${postgres.port}
[pgbouncer]
listen_addr = ${host}
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = ${mode}
default_pool_size = 40
`,
  );
  const server = await stage.server({
    name: `pgbouncer-${mode}`,
    line: [onPath('pgbouncer') ?? '/usr/sbin/pgbouncer', settings],
    unprivileged: true,
    signal: 'SIGINT',
    answers: () => listens(port),
  });
  return { server, port, environment: { ...postgres.environment, DB_PORT: String(port) } };
}
