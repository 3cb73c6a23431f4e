import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { anExecutor, held } from '../../../../test/support/executor.js';

const never = new Promise<never>(() => undefined);

afterEach(() => void jest.restoreAllMocks());

describe('the time limit', () => {
  it("is the job's, and aborts the handler's signal", async () => {
    const { handle, started } = held();
    const outcome = anExecutor(handle).run({ timeoutMs: 20 });
    const signal = await started;
    expect(await outcome).toEqual({ kind: 'timed_out', error: 'The attempt took longer than its limit of 20 ms.' });
    expect(signal.reason).toMatchObject({ name: 'AbortError', end: 'timed_out' });
  });

  it.each([
    [null, 60_000],
    [1_000_000, 90_000],
    [500, 500],
  ])('of a job that says %p is %p ms', async (timeoutMs, expected) => {
    const timer = jest.spyOn(globalThis, 'setTimeout');
    const { handle, started, end } = held();
    const outcome = anExecutor(handle).run({ timeoutMs });
    await started;
    await new Promise(setImmediate);
    expect(timer.mock.calls.map(([, ms]) => ms)).toContain(expected);
    end.resolve('done');
    expect((await outcome).kind).toBe('succeeded');
  });
});

describe('a handler that answers at once', () => {
  it('costs no timer', async () => {
    const timer = jest.spyOn(globalThis, 'setTimeout');
    await anExecutor(() => 1).run();
    await new Promise(setImmediate);
    expect(timer).not.toHaveBeenCalled();
  });
});

describe('an aborted attempt', () => {
  it.each([
    ['cancelled', 'cancelled'],
    ['lost', 'lost'],
    ['stopping', 'released'],
    ['something else', 'lost'],
  ])('ends, for the reason %p, as %p', async (reason, kind) => {
    const { handle, started } = held();
    const { run, abort } = anExecutor(handle);
    const outcome = run();
    await started;
    abort.abort(reason);
    expect(await outcome).toEqual({ kind, error: expect.any(String) });
  });

  it('does not begin when it was aborted before', async () => {
    const handle = jest.fn();
    const { run, abort } = anExecutor(handle);
    abort.abort('stopping');
    expect((await run()).kind).toBe('released');
    expect(handle).not.toHaveBeenCalled();
  });

  it('ends at once when the handler obeys, whatever it answers then', async () => {
    for (const answer of [() => 'done', () => Promise.reject(new Error('aborted'))]) {
      const { handle, started, end } = held();
      const { run, abort, lines } = anExecutor(handle);
      const outcome = run();
      (await started).addEventListener('abort', () => end.resolve(answer()));
      abort.abort('cancelled');
      expect((await outcome).kind).toBe('cancelled');
      expect(lines).toEqual([]);
    }
  });

  it('waits a little for a handler that winds down', async () => {
    const { handle, started, end } = held();
    const { run, abort, lines } = anExecutor(handle);
    const outcome = run();
    (await started).addEventListener('abort', () => setTimeout(() => end.resolve('done'), 20));
    abort.abort('stopping');
    expect((await outcome).kind).toBe('released');
    expect(lines).toEqual([]);
  });

  it('ends without a handler that ignores its signal; the late answer is a log line', async () => {
    const warned = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const { handle, started, end } = held();
    const { run, abort, lines } = anExecutor(handle);
    const outcome = run();
    await started;
    abort.abort('cancelled');
    expect((await outcome).kind).toBe('cancelled');
    expect(lines).toEqual(['warn: The handler ignored its abort signal; the attempt ended without it.']);
    end.resolve('late');
    await new Promise(setImmediate);
    expect(lines[1]).toMatch(
      /^warn: The handler answered \d+ ms after its attempt was stopped \(succeeded\); the answer was ignored\.$/,
    );
    expect(warned).toHaveBeenCalledTimes(1);
  });

  it('counts a handler that ignores its signal, for as long as it is at work', async () => {
    const counted: string[] = [];
    const metrics = {
      called: (waitedMs: number) => void counted.push(`called after ${waitedMs} ms`),
      abandoned: () => void counted.push('abandoned'),
      abandonedEnded: () => void counted.push('ended'),
    };
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const { handle, started, end } = held();
    const { run, abort } = anExecutor(handle, {}, metrics);
    const outcome = run({ waitMs: -250 });
    await started;
    abort.abort('cancelled');
    await outcome;
    expect(counted).toEqual(['called after 250 ms', 'abandoned']);
    end.reject(new Error('late'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(counted).toEqual(['called after 250 ms', 'abandoned', 'ended']);
  });

  it('does not mind a late rejection', async () => {
    jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const { handle, end } = held();
    const { run, lines } = anExecutor(handle);
    expect((await run({ timeoutMs: 1 })).kind).toBe('timed_out');
    end.reject(null);
    await new Promise(setImmediate);
    expect(lines[1]).toContain('(failed)');
  });

  it('ends also when the payload check never does', async () => {
    expect((await anExecutor(() => never).run({ timeoutMs: 1 })).kind).toBe('timed_out');
  });
});
