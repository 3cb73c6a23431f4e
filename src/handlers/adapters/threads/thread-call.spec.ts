import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { aClaimedRun } from '../../../../test/support/executor.js';
import { uncounted } from '../../../../test/support/uncounted.js';
import { Abort } from '../../../kernel/abort.js';
import type { Outcome } from '../../../runs/domain/outcome.js';
import { ThreadSlots } from './thread-slots.js';
import { ThreadCall } from './thread-call.js';
import type { ThreadTask } from './thread-messages.js';

/** A call whose thread is played by the test, with the only place that there is. */
function aCall() {
  const places = new ThreadSlots(1);
  const abort = new Abort();
  const lines: string[] = [];
  let take!: (task: ThreadTask) => void;
  const taken = new Promise<ThreadTask>((resolve) => (take = resolve));
  let answer!: (outcome: Outcome) => void;
  const run = (task: ThreadTask): Promise<Outcome> => {
    take(task);
    return new Promise((resolve) => (answer = resolve));
  };
  const tools = { abort, log: (line: string) => void lines.push(line), progress: () => undefined };
  const around = { metrics: uncounted, resultLimitBytes: 1_024 };
  const threads = { places, memoryLimitMb: () => 64, run };
  const outcome = new ThreadCall({ module: 'file:///work.js' }, aClaimedRun(), tools, 1_000, around, threads).begin();
  const isFree = (): boolean => {
    const enter = (): void => undefined;
    places.ask(enter);
    return !places.withdraw(enter);
  };
  return { abort, lines, taken, outcome, isFree, answer: (given: Outcome) => answer(given) };
}

const closed = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));
const succeeded: Outcome = { kind: 'succeeded', result: 1 };

afterEach(() => void jest.useRealTimers());

describe('a call in a thread', () => {
  it('gives its place back once, also when the thread ends its part right before it is ended for being late', async () => {
    const { abort, taken, outcome, isFree, answer } = aCall();
    const { port } = await taken;
    port.postMessage({ kind: 'begun' });
    await closed();
    abort.abort('cancelled');
    port.close();
    expect((await outcome).kind).toBe('cancelled');
    answer(succeeded);
    await closed();
    expect(isFree()).toBe(true);
    expect(isFree()).toBe(false);
  });

  it('keeps its place until a thread that was ended is gone', async () => {
    const { abort, lines, taken, outcome, isFree } = aCall();
    const { port } = await taken;
    port.postMessage({ kind: 'begun' });
    await closed();
    abort.abort('stopping');
    expect((await outcome).kind).toBe('released');
    expect(lines).toEqual(['The handler ignored its abort signal; its thread was ended.']);
    await closed();
    expect(isFree()).toBe(false);
    port.close();
    await closed();
  });

  it('fails when its module is not loaded in 30 s, and leaves its place', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate', 'nextTick', 'queueMicrotask'] });
    const { lines, taken, outcome, isFree } = aCall();
    await taken;
    jest.advanceTimersByTime(30_000);
    expect(await outcome).toEqual({
      ...{ kind: 'failed', retryable: true },
      error: "The handler's module was not loaded within 30000 ms; its thread was ended.",
    });
    await closed();
    expect(lines).toEqual([]);
    expect(isFree()).toBe(true);
  });

  it('that is stopped while its module is loaded blames no handler', async () => {
    const { abort, lines, taken, outcome, isFree } = aCall();
    await taken;
    abort.abort('cancelled');
    expect((await outcome).kind).toBe('cancelled');
    await closed();
    expect([lines, isFree()]).toEqual([[], true]);
  });
});
