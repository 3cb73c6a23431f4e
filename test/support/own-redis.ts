import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis } from '../../scripts/local/redis.mjs';
import { freePort } from './launch.js';

/** A Redis of a suite's own, which its tests may stop and start again: it comes back empty, at the same port. */
export class OwnRedis {
  readonly host = '127.0.0.1';

  private constructor(
    readonly port: number,
    private readonly folder: string,
    private server: Awaited<ReturnType<typeof startRedis>>,
  ) {}

  static async start(): Promise<OwnRedis> {
    const folder = mkdtempSync(join(tmpdir(), 'punctual-redis-'));
    const port = Number(await freePort());
    return new OwnRedis(port, folder, await startRedis({ directory: folder, port }));
  }

  /** What makes the product use it, by the names of the environment. */
  get settings(): Record<string, string> {
    return { REDIS_HOST: this.host, REDIS_PORT: String(this.port) };
  }

  async stop(): Promise<void> {
    await this.server.stop();
  }

  async startAgain(): Promise<void> {
    this.server = await startRedis({ directory: this.folder, port: this.port });
  }

  /** Stops it for good. */
  async remove(): Promise<void> {
    await this.server.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
