import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const blockBytes = 1_048_576;
/** The least piece that a file takes. */
const pageBytes = 4_096;

/** A file system of its own, in memory and small, that can be filled to the last byte. Linux, and root, only. */
export class SmallDisk {
  private constructor(readonly path: string) {}

  /** @throws Error with the system's words where mounting is not permitted */
  static mount(path: string, megabytes: number): SmallDisk {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'tmpfs', path);
    return new SmallDisk(path);
  }

  /** @returns why there can be none here; undefined where there can */
  static whyNot(): string | undefined {
    const folder = mkdtempSync(join(tmpdir(), 'punctual-mount-'));
    try {
      SmallDisk.mount(folder, 1).unmount();
      return undefined;
    } catch (error) {
      return `a small file system cannot be mounted: ${(error as Error).message}`;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.path);
    return bavail * bsize;
  }

  /** Writes until nothing more fits; what others free meanwhile is taken as well. */
  fill(): void {
    const file = openSync(this.filler, 'a');
    try {
      for (const bytes of [blockBytes, pageBytes]) writeUntilFull(file, Buffer.alloc(bytes));
    } finally {
      closeSync(file);
    }
  }

  free(): void {
    rmSync(this.filler, { force: true });
  }

  unmount(): void {
    run('umount', this.path);
  }

  private get filler(): string {
    return join(this.path, 'filler');
  }
}

function writeUntilFull(file: number, block: Buffer): void {
  try {
    for (;;) writeSync(file, block);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

function run(command: string, ...args: string[]): void {
  const { error, status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(stderr.trim() || `${command} ended with ${status}`);
}
