import { describe, expect, it } from '@jest/globals';
import { Gate } from './gate.js';

function aTask() {
  let finish: () => void = () => undefined;
  let started = false;
  const done = new Promise<void>((resolve) => (finish = resolve));
  return {
    work: () => {
      started = true;
      return done;
    },
    finish,
    get started() {
      return started;
    },
  };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('Gate', () => {
  it('lets as many in as it says, then one for each that leaves, in order', async () => {
    const gate = new Gate(2, 10);
    const tasks = Array.from({ length: 4 }, aTask);
    const passes = tasks.map((task) => gate.pass(task.work));
    await settled();
    expect(tasks.map((task) => task.started)).toEqual([true, true, false, false]);
    tasks[1]?.finish();
    await settled();
    expect(tasks.map((task) => task.started)).toEqual([true, true, true, false]);
    tasks[0]?.finish();
    await settled();
    expect(tasks.map((task) => task.started)).toEqual([true, true, true, true]);
    for (const task of tasks) task.finish();
    await Promise.all(passes);
  });

  it('turns away at once whoever would wait too long, and is open again afterwards', async () => {
    const gate = new Gate(1, 1);
    const [first, second] = [aTask(), aTask()];
    const passes = [gate.pass(first.work), gate.pass(second.work)];
    await expect(gate.pass(async () => 'never')).rejects.toMatchObject({
      kind: 'unavailable',
      code: 'TOO_BUSY',
      extra: { retryAfterSeconds: 2 },
    });
    first.finish();
    second.finish();
    await Promise.all(passes);
    expect(await gate.pass(async () => 'in')).toBe('in');
  });

  it('gives the place back when the work fails', async () => {
    const gate = new Gate(1, 1);
    await expect(gate.pass(() => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await gate.pass(async () => 'in')).toBe('in');
  });
});
