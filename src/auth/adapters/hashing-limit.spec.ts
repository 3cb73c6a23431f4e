import { describe, expect, it } from '@jest/globals';
import { HashingLimit } from './hashing-limit.js';

const tooBusy = { kind: 'unavailable', code: 'TOO_BUSY', extra: { retryAfterSeconds: 2 } };
const settled = () => new Promise((resolve) => setImmediate(resolve));

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

/** A gate for one at a time, who is inside already. `names` tells who has been let in since, in order. */
async function aFullGate(mayWait: number) {
  const gate = new HashingLimit(1, mayWait);
  const inside = aTask();
  const first = gate.pass({ path: ['first'] }, inside.work);
  const names: string[] = [];
  const refused: string[] = [];
  const come = (path: string[], name = path.join(' '), more: object = {}) =>
    gate.pass({ path, ...more }, async () => void names.push(name)).catch(() => void refused.push(name));
  const open = async (...waiting: Promise<unknown>[]) => {
    inside.finish();
    await Promise.all([first, ...waiting]);
  };
  return { gate, names, refused, come, open };
}

describe('HashingLimit', () => {
  it('lets as many in as it says, then one for each that leaves, in order', async () => {
    const gate = new HashingLimit(2, 10);
    const tasks = Array.from({ length: 4 }, aTask);
    const passes = tasks.map((task) => gate.pass({ path: ['ada'] }, task.work));
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
    const { gate, come, open } = await aFullGate(1);
    const waiting = come(['ada']);
    await expect(gate.pass({ path: ['ada'] }, async () => 'never')).rejects.toMatchObject(tooBusy);
    await open(waiting);
    expect(await gate.pass({ path: ['ada'] }, async () => 'in')).toBe('in');
  });

  it('gives the place back when the work fails', async () => {
    const gate = new HashingLimit(1, 1);
    await expect(gate.pass({ path: [] }, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await gate.pass({ path: [] }, async () => 'in')).toBe('in');
  });

  it('goes round those who wait, level by level, however many each has sent', async () => {
    const { names, come, open } = await aFullGate(20);
    const flood = [1, 2, 3].map((at) => come(['own', 'eve'], `eve ${at}`));
    const office = ['ann', 'bob', 'cid'].map((name) => come(['login', 'office', name]));
    const alone = [come(['login', 'home', 'dan'])];
    await open(...flood, ...office, ...alone);
    expect(names).toEqual([
      ...['eve 1', 'login office ann', 'eve 2', 'login home dan', 'eve 3', 'login office bob', 'login office cid'],
    ]);
  });

  it('lets nobody return before those who wait since before', async () => {
    const { names, come, open } = await aFullGate(20);
    let again: Promise<unknown> = Promise.resolve();
    const eve = come(['eve']).then(() => (again = come(['eve'], 'eve again')));
    const [ada, bob] = [come(['ada']), come(['bob'])];
    await open(eve, ada, bob);
    await again;
    expect(names).toEqual(['eve', 'ada', 'bob', 'eve again']);
  });

  it('makes room for who comes alone: the last of the longest line leaves', async () => {
    const { names, refused, come, open } = await aFullGate(4);
    const flood = [1, 2, 3, 4].map((at) => come(['own', 'eve'], `eve ${at}`));
    const logins = ['ann', 'bob'].map((name) => come(['login', 'office', name], name));
    await settled();
    expect(refused).toEqual(['eve 4', 'eve 3']);
    await open(...flood, ...logins);
    expect(names).toEqual(['eve 1', 'ann', 'eve 2', 'bob']);
  });

  it('has no more wait for one than are allowed', async () => {
    const { refused, come, open } = await aFullGate(20);
    const flood = [1, 2, 3].map((at) => come(['own', 'eve'], `eve ${at}`, { mayWait: 2 }));
    await settled();
    expect(refused).toEqual(['eve 3']);
    await open(...flood);
  });

  it('works for nobody who has gone', async () => {
    const { names, refused, come, open } = await aFullGate(20);
    await open(come(['ada'], 'ada', { isGone: () => true }), come(['bob']));
    expect({ names, refused }).toEqual({ names: ['bob'], refused: ['ada'] });
  });
});
