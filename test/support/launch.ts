import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { eventually } from './eventually.js';

const readyMs = 90_000;

/** `npm start` in a process group of its own, as a terminal would have it. */
export class Launch {
  output = '';
  readonly exit: Promise<number | null>;
  private readonly npm: ChildProcess;

  constructor(environment: Record<string, string>) {
    const untouched = { DB_HOST: '', REDIS_HOST: '', SMTP_HOST: '', JWT_SECRET: '', NODE_ENV: '', HOST: '', ROLES: '' };
    this.npm = spawn('npm', ['start'], {
      detached: true,
      env: { ...process.env, ...untouched, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.npm.stdout, this.npm.stderr])
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    this.exit = once(this.npm, 'close').then(([code]) => code as number | null);
  }

  async ready(): Promise<this> {
    let over = false;
    void this.exit.then(() => (over = true));
    await eventually(
      () => this.output,
      (output) => over || output.includes('is ready ('),
      { withinMs: readyMs },
    );
    if (over) throw new Error(`It did not start:\n${this.output}`);
    return this;
  }

  /** What a Ctrl-C in the terminal does. Resolves with the exit code. */
  interrupt(): Promise<number | null> {
    const { pid, exitCode, signalCode } = this.npm;
    if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, 'SIGINT');
    return this.exit;
  }
}

/** A TCP port that nobody listened on a moment ago. */
export async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return String(port);
}
