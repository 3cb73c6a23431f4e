import { join } from 'node:path';
import { eventually } from '../support/eventually.js';
import { ProductBooks } from './books.js';
import type { Books } from './books.js';
import { canCountHandles, handlesAtRest } from './handles.js';
import type { OpenHandles } from './ledgers.js';
import { Load } from './load.js';
import { PlainBullBooks, plainBull } from './plain-bull-books.js';
import { Random } from './random.js';
import type { Sink } from './sink.js';
import { SmallDisk } from './small-disk.js';
import { System } from './system.js';

const warmUpJobs = 60;

/** A system under test that runs, with its books, and what it holds open at rest. */
export interface Ground {
  system: System;
  books: Books;
  before: OpenHandles | null;
  stop(): Promise<void>;
}

/** The product. @param diskMb for PostgreSQL's data, on a file system of its own */
export async function productGround(
  { folder, sink, fleet }: { folder: string; sink: Sink; fleet: string[] },
  diskMb?: number,
): Promise<Ground> {
  const disk = diskMb === undefined ? undefined : SmallDisk.mount(join(folder, 'disk'), diskMb);
  const system = new System(folder, disk);
  const stop = async (): Promise<void> => {
    await system.stop();
    disk?.unmount();
  };
  try {
    await system.start(sink);
    await system.upAll(fleet);
    await warmUp(system, sink);
    const before = canCountHandles ? await handlesAtRest(system) : null;
    return { system, books: new ProductBooks(system), before, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Plain Bull in its place. */
export async function plainBullGround({ folder, sink, fleet }: Parameters<typeof productGround>[0]): Promise<Ground> {
  const system = new System(folder, undefined, plainBull);
  const stop = (): Promise<void> => system.stop();
  try {
    await system.start(sink);
    await system.upAll(fleet);
    return { system, books: new PlainBullBooks(system, sink), before: null, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Every pool has been used once: what is held open from then on is what belongs there. */
async function warmUp(system: System, sink: Sink): Promise<void> {
  const load = new Load(system, sink, new Random(1), 'warm', { delayMs: () => 50, rate: 0, recurring: 0 });
  await load.register();
  await Promise.all(Array.from({ length: warmUpJobs }, () => load.submit(load.http())));
  await eventually(
    () => sink.calls.length,
    (count) => count >= warmUpJobs,
  );
}
