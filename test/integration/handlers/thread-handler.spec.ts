import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger, Module } from '@nestjs/common';
import { IHandlerMetrics } from '../../../src/handlers/interfaces/handler-metrics.js';
import { Abort } from '../../../src/kernel/abort.js';
import { eventually } from '../../support/eventually.js';
import { CountPrimesHandler } from './count-primes.handler.js';
import { aProgram } from './program.js';
import type { Program } from './program.js';
import * as tryingHandlers from './thread-handlers.js';

@Module({ providers: [CountPrimesHandler, ...Object.values(tryingHandlers)] })
class TeamModule {}

const threads = 2;
let program: Program;
let metrics: IHandlerMetrics;

beforeAll(async () => {
  program = await aProgram({ HANDLER_THREADS: String(threads), RESULT_LIMIT_BYTES: '1024' }, TeamModule);
  metrics = program.module.get<IHandlerMetrics>(IHandlerMetrics);
});
afterAll(() => program.close());
beforeEach(() => {
  program.lines.length = 0;
  program.steps.length = 0;
  jest.restoreAllMocks();
});

/** Resolves when a handler has logged this line. */
const logged = (line: string) =>
  eventually(
    () => program.lines,
    (lines) => lines.includes(line),
  );
const tell = async () => (await program.run('tell', {})) as { kind: string; result: Record<string, unknown> };

describe('the handler in a thread that the documentation shows', () => {
  it('is this one', async () => {
    const example = await readFile(new URL('./count-primes.handler.ts', import.meta.url), 'utf8');
    const documented = await readFile(new URL('../../../docs/handlers.md', import.meta.url), 'utf8');
    const asCustomHandler = example.replaceAll('../../../src/handlers/', '../').replaceAll('../../../src/', '../../');
    expect(documented).toContain(asCustomHandler);
  });

  it('works, logs, reports progress, and answers', async () => {
    const outcome = await program.run('count-primes', { below: 3_000_000 });
    expect(outcome).toEqual({ kind: 'succeeded', result: { below: 3_000_000, primes: 216_816 } });
    expect(program.lines).toEqual(['There are 216816 primes below 3000000.']);
    expect(program.steps).toEqual([33, 67]);
  });

  it('has its payload checked, at submission and in the thread', async () => {
    const problems = [{ pointer: '/below', detail: expect.any(String) }];
    expect(await program.catalogue.validate('count-primes', { below: 1 })).toEqual(problems);
    expect(await program.run('count-primes', { below: 1 })).toMatchObject({
      ...{ kind: 'failed', retryable: false },
      error: expect.stringContaining('The payload is not what the handler takes. /below: '),
    });
  });
});

describe('a handler in a thread', () => {
  it('is given what one in the process is', async () => {
    expect((await tell()).result).toMatchObject({
      payload: {},
      ...{ runId: '0190d5a8-0000-7000-8000-000000000001', jobId: '0190d5a8-0000-7000-8000-000000000002' },
      ...{ userId: '0190d5a8-0000-7000-8000-000000000003', jobName: 'Nightly', attempt: 1, leaseToken: '41' },
      ...{ nominalAt: '2026-03-01T02:30:00.000Z', dueAt: '2026-03-01T02:30:05.000Z', isDate: true, aborted: false },
    });
  });

  it('finds a warm thread and the same instance again', async () => {
    const [first, second] = [await tell(), await tell()];
    expect(first.result['threadId']).toBeGreaterThan(0);
    expect(second.result['threadId']).toBe(first.result['threadId']);
    expect(second.result['calls']).toBe(Number(first.result['calls']) + 1);
  });

  it('has its lines and steps kept in order, all of them before its outcome, and no more than 1,000', async () => {
    await program.run('count', { to: 400 });
    expect(program.lines).toEqual(Array.from({ length: 400 }, (_, at) => `line ${at + 1}`));
    expect(program.steps).toEqual(Array.from({ length: 101 }, (_, percent) => percent));
    program.lines.length = 0;
    await program.run('count', { to: 3_000 });
    expect(program.lines).toHaveLength(1_001);
    expect(program.lines.at(-1)).toBe("More than 1000 lines: the rest of this attempt's are dropped.");
  });

  it.each([
    ['plain', { retryable: true, error: 'broken\nCaused by: deeper' }],
    ['final', { retryable: false, error: 'never again' }],
    ['later', { retryable: true, error: 'not now', retryAfterMs: 5_000 }],
    ['result', { retryable: true, error: 'odd', result: { status: 500 } }],
    ['null', { retryable: true, error: 'The handler threw null.' }],
  ])('that throws (%s) fails as in the process', async (how, failure) => {
    expect(await program.run('fail', { how })).toEqual({ kind: 'failed', ...failure });
  });

  it('has its result made storable and cut', async () => {
    expect(await program.run('answer', {})).toEqual({
      kind: 'succeeded',
      result: { big: '1', self: '[circular]' },
    });
    const outcome = await program.run('answer', { size: 10_000_000 });
    expect(outcome).toEqual({ kind: 'succeeded', result: expect.stringMatching(/^x{900,1024}… \[cut\]$/) });
  });
});

describe('a handler that takes its thread along', () => {
  it.each([
    ['exits', 'worker exited with code: 7'],
    ['throws elsewhere', 'nobody catches this'],
    ['rejects elsewhere', 'nobody waits for this'],
  ])('(%s) fails alone, its lines are kept, and the next one finds a thread', async (how, why) => {
    const neighbour = program.run('count-primes', { below: 2_000_000 });
    expect(await program.run('die', { how })).toEqual({
      ...{ kind: 'failed', retryable: true },
      error: `The handler's thread ended before it answered: ${why}`,
    });
    expect(program.lines).toContain('the last words');
    expect((await neighbour).kind).toBe('succeeded');
    expect((await tell()).kind).toBe('succeeded');
  });

  it('after it has answered, by work that it left behind, harms nobody; the log says what kind of error it was', async () => {
    const warned = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    expect((await program.run('leave-behind', {})).kind).toBe('succeeded');
    await eventually(
      () => warned.mock.calls,
      (calls) => calls.length > 0,
    );
    const said = 'A thread ended while it ran no attempt: work that a handler had left behind threw RangeError.';
    expect(warned.mock.calls).toEqual([[said]]);
    expect((await tell()).kind).toBe('succeeded');
  });

  it('by using more memory than it may fails alone', async () => {
    const neighbour = program.run('count-primes', { below: 2_000_000 });
    expect(await program.run('hoard', {})).toEqual({
      ...{ kind: 'failed', retryable: true },
      error: 'The handler needed more memory than its limit of 48 MB; its thread was ended.',
    });
    expect(program.lines).toContain('hoarding');
    expect((await neighbour).kind).toBe('succeeded');
    expect((await tell()).kind).toBe('succeeded');
  });
});

describe('a handler in a thread that is to stop', () => {
  it.each([
    ['cancelled', 'cancelled'],
    ['lost', 'lost'],
    ['stopping', 'released'],
  ])('(%s) hears of it, and its thread lives on when it obeys', async (reason, kind) => {
    const abandoned = jest.spyOn(metrics, 'abandoned');
    const abort = new Abort();
    const outcome = program.run('obey', {}, {}, abort);
    await logged('waiting');
    abort.abort(reason);
    expect(await outcome).toEqual({ kind, error: expect.any(String) });
    expect(program.lines).toEqual(['waiting', `AbortError: ${reason}`]);
    expect(abandoned).not.toHaveBeenCalled();
  });

  it('is stopped by its time limit, too', async () => {
    const gone = jest.spyOn(metrics, 'abandonedEnded');
    expect(await program.run('loop', {}, { timeoutMs: 100 })).toEqual({
      kind: 'timed_out',
      error: 'The attempt took longer than its limit of 100 ms.',
    });
    expect(program.lines).toEqual(['looping', 'The handler ignored its abort signal; its thread was ended.']);
    await eventually(
      () => gone.mock.calls.length,
      (count) => count === 1,
    );
  });

  it('loses its thread when it goes on; nobody else waits for it, and its place is free when the thread is gone', async () => {
    const abandoned = jest.spyOn(metrics, 'abandoned');
    const gone = jest.spyOn(metrics, 'abandonedEnded');
    let ended = 0;
    const abort = new Abort();
    const outcomes = Array.from({ length: threads }, () =>
      program.run('loop', {}, {}, abort).finally(() => (ended += 1)),
    );
    await eventually(
      () => program.lines.filter((line) => line === 'looping').length,
      (count) => count === threads,
    );
    // In the process, beside two loops that never end.
    expect((await program.run('log', { beside: 'them' })).kind).toBe('succeeded');
    expect(ended).toBe(0);
    const next = program.run('tell', {});
    abort.abort('lost');
    for (const outcome of outcomes) expect((await outcome).kind).toBe('lost');
    expect((await next).kind).toBe('succeeded');
    expect(program.lines.filter((line) => line === 'looping')).toHaveLength(threads);
    const endings = program.lines.filter(
      (line) => line === 'The handler ignored its abort signal; its thread was ended.',
    );
    expect(endings).toHaveLength(threads);
    expect(abandoned).toHaveBeenCalledTimes(threads);
    await eventually(
      () => gone.mock.calls.length,
      (count) => count === threads,
    );
  });

  it('ends at once when it still waits for a place, and is never called; its time had not begun', async () => {
    const aborts = Array.from({ length: threads }, () => new Abort());
    const busy = aborts.map((abort) => program.run('obey', {}, {}, abort));
    await eventually(
      () => program.lines,
      (lines) => lines.length === threads,
    );
    const abort = new Abort();
    const cancelled = program.run('obey', {}, {}, abort);
    const patient = program.run('tell', {}, { timeoutMs: 500 });
    abort.abort('cancelled');
    expect((await cancelled).kind).toBe('cancelled');
    // Longer than the limit of the one that waits.
    await sleep(550);
    for (const one of aborts) one.abort('lost');
    expect((await patient).kind).toBe('succeeded');
    for (const outcome of await Promise.all(busy)) expect(outcome.kind).toBe('lost');
    expect(program.lines.filter((line) => line === 'waiting')).toHaveLength(threads);
  });
});

describe('a place', () => {
  it('is free again whatever ended the attempt, and whenever it was stopped', async () => {
    const [abandoned, gone] = [jest.spyOn(metrics, 'abandoned'), jest.spyOn(metrics, 'abandonedEnded')];
    const kinds = new Set<string>();
    const attempts = Array.from({ length: 40 }, async (_, at) => {
      const abort = new Abort();
      const [handler, payload] = (
        [
          ['linger', { ms: 240 + at }],
          ['loop', {}],
          ['die', { how: 'exits' }],
          ['tell', {}],
          ['count-primes', { below: 1_500_000 }],
        ] as const
      )[at % 5]!;
      if (at % 3 === 0) setTimeout(() => abort.abort(at % 2 ? 'cancelled' : 'stopping'), at * 20);
      const timeoutMs = 50 + ((at * 17) % 200);
      kinds.add((await program.run(handler, payload, { timeoutMs }, abort)).kind);
    });
    await Promise.all(attempts);
    expect([...kinds].sort()).toEqual(['cancelled', 'failed', 'released', 'succeeded', 'timed_out']);
    await eventually(
      () => gone.mock.calls.length,
      (count) => count === abandoned.mock.calls.length,
    );
    expect(abandoned.mock.calls.length).toBeGreaterThan(0);
    program.lines.length = 0;
    const abort = new Abort();
    const all = Array.from({ length: threads }, () => program.run('obey', {}, {}, abort));
    await eventually(
      () => program.lines,
      (lines) => lines.length === threads,
    );
    const oneMore = program.run('tell', {});
    abort.abort('cancelled');
    await Promise.all([...all, oneMore]);
  });
});

describe('a program that stops', () => {
  it('ends its threads, also one that loops', async () => {
    const other = await aProgram({ HANDLER_THREADS: '1' }, TeamModule);
    const warned = jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    const outcome = other.run('loop', {});
    await eventually(
      () => other.lines,
      (lines) => lines.includes('looping'),
    );
    await other.close();
    expect(await outcome).toMatchObject({ kind: 'failed', retryable: true });
    expect(warned).not.toHaveBeenCalled();
  });
});
