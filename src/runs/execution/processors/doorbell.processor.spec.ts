import { describe, expect, it, jest } from '@jest/globals';
import type { Job, ProcessCallbackFunction, Queue } from 'bull';
import { readConfig } from '../../../config/config.js';
import { newId } from '../../../kernel/ids.js';
import type { DoorbellData } from '../../../queue/queue.js';
import type { WaitingDoorbells } from '../../../queue/waiting-doorbells.js';
import type { CalledRun } from '../../dispatch/domain/doorbell.js';
import type { RunWorker } from '../services/run-worker.js';
import { DoorbellProcessor } from './doorbell.processor.js';

const config = readConfig({ JWT_SECRET: 'k'.repeat(32) });

/** A processor whose worker takes nothing until the test lets it; `waits` are the doorbells in Redis. */
function aProcessor(room: number, waits: unknown[]) {
  const offered: string[][] = [];
  const answers: (() => void)[] = [];
  const worker = {
    room,
    offer: (runs: CalledRun[]) => {
      offered.push(runs.map(({ runId }) => runId));
      return new Promise<void>((resolve) => answers.push(resolve));
    },
  };
  const take = jest.fn(async (most: number) => waits.splice(0, most).map((runId) => ({ runId, userId: null })));
  let hear!: ProcessCallbackFunction<DoorbellData>;
  const queue = {
    process: (_name: string, _concurrency: number, listener: typeof hear) => {
      hear = listener;
      return Promise.resolve();
    },
  };
  const processor = new DoorbellProcessor(
    queue as unknown as Queue<DoorbellData>,
    config,
    worker as unknown as RunWorker,
    { take } as unknown as WaitingDoorbells,
  );
  processor.listen();
  const ring = (runIds: string[] = [newId()]): void => {
    hear({ data: { runIds } } as Job<DoorbellData>, () => undefined);
  };
  return { worker, offered, answers, take, ring };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('doorbells', () => {
  it('are answered one by one while few are in progress', async () => {
    const { offered, take, ring } = aProcessor(1_000, []);
    for (let rings = 0; rings < 15; rings += 1) ring();
    await settled();
    expect(offered).toHaveLength(15);
    expect(take).not.toHaveBeenCalled();
  });

  it('are taken from Redis in bulk when many are in progress, as far as the worker has room', async () => {
    const waits = Array.from({ length: 900 }, newId);
    const { worker, offered, take, ring } = aProcessor(600, [...waits]);
    for (let rings = 0; rings < 20; rings += 1) ring();
    await settled();
    expect(take.mock.calls).toEqual([[500]]);
    expect(offered.at(-1)).toEqual(waits.slice(0, 500));
    worker.room = 100;
    ring();
    await settled();
    expect(take.mock.calls).toEqual([[500], [100]]);
    worker.room = 3;
    ring();
    await settled();
    expect(take).toHaveBeenCalledTimes(2);
  });

  it('that also contain invalid run ids are answered for the valid ones', async () => {
    const id = newId();
    const { offered, ring } = aProcessor(10, []);
    ring(['nobody', id, 7 as unknown as string]);
    ring([]);
    await settled();
    expect(offered).toEqual([[id]]);
  });

  it('are still answered when Redis does not return the waiting ones', async () => {
    const { offered, take, ring } = aProcessor(600, []);
    take.mockRejectedValue(new Error('away'));
    for (let rings = 0; rings < 20; rings += 1) ring();
    await settled();
    ring();
    await settled();
    expect(take.mock.calls.length).toBeGreaterThan(1);
    expect(offered).toHaveLength(21);
  });
});
