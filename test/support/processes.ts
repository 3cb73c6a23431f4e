import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const product = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
/** A machine that is busy with seven of them at once takes its time. */
const startMs = 120_000;

/** The product as a process of its own, as it is deployed. */
export class ProductProcess {
  private constructor(
    private readonly child: ChildProcess,
    /** Where it listens, without a slash at the end. */
    readonly url: string,
    private readonly output: string[],
  ) {}

  /**
   * Resolves once it listens.
   * @param environment settings by their names
   * @param flags of Node.js, such as a module to import first
   * @param program that takes the product's place
   */
  static async start(
    environment: Record<string, string>,
    flags: string[] = [],
    program = product,
  ): Promise<ProductProcess> {
    const output: string[] = [];
    const child = spawn(process.execPath, [...flags, program], {
      env: { PATH: process.env.PATH, TZ: process.env.TZ, ...environment },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part: Buffer) => output.push(String(part)));
    const url = await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        reject(new Error(`Not listening in ${startMs} ms:\n${output.join('')}`));
      }, startMs);
      child.once('message', (message: { url: string }) => {
        clearTimeout(timer);
        resolve(message.url);
      });
      child.once('exit', (code) => reject(new Error(`Ended with ${code} before it listened:\n${output.join('')}`)));
    });
    return new ProductProcess(child, url, output);
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** It has ended, asked or not. */
  get over(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  get log(): string {
    return this.output.join('');
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Sends the signal and waits for the end. @returns exit code, or null when a signal ended it */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.over) return this.child.exitCode;
    const ended = once(this.child, 'exit');
    this.child.kill(signal);
    const [code] = (await ended) as [number | null];
    return code;
  }
}
