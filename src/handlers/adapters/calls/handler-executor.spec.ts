import { describe, expect, it } from '@jest/globals';
import { IsInt } from 'class-validator';
import { aClaimedRun, anExecutor } from '../../../../test/support/executor.js';
import type { Handle } from '../../../../test/support/executor.js';
import { NonRetryableError, RetryLaterError } from '../../../runs/domain/outcome.js';
import type { Outcome } from '../../../runs/domain/outcome.js';
import type { HandlerContext } from '../../domain/job-handler.js';

const outcomeOf = (handle: Handle): Promise<Outcome> => anExecutor(handle).run();
const failed = (error: unknown, retryable = true) => ({ kind: 'failed', error, retryable });

describe('what a handler answers', () => {
  it('is the result', async () => {
    expect(await outcomeOf(() => Promise.resolve({ ok: true }))).toEqual({ kind: 'succeeded', result: { ok: true } });
  });

  it('may be synchronous', async () => {
    expect(await outcomeOf(() => 'done')).toEqual({ kind: 'succeeded', result: 'done' });
  });

  it.each<[string, unknown, unknown]>([
    ['nothing', undefined, null],
    ['a function', () => 1, null],
    ['a BigInt', 7n, '7'],
    ['a symbol', Symbol('s'), null],
  ])('may be %s', async (_, answer, result) => {
    expect(await outcomeOf(() => Promise.resolve(answer))).toEqual({ kind: 'succeeded', result });
  });

  it('may be circular', async () => {
    const circle: Record<string, unknown> = {};
    circle.self = circle;
    expect(await outcomeOf(() => circle)).toEqual({ kind: 'succeeded', result: { self: '[circular]' } });
  });

  it('is cut at the limit', async () => {
    const outcome = (await outcomeOf(() => ({ text: 'x'.repeat(10_000_000) }))) as { result: unknown } as {
      result: { text: string };
    };
    expect(outcome.result.text).toMatch(/x… \[cut\]$/);
    expect(Buffer.byteLength(JSON.stringify(outcome.result))).toBeLessThanOrEqual(1_024);
  });

  it('may be a thenable that throws', async () => {
    const thenable = {
      then: () => {
        throw new Error('then');
      },
    };
    expect(await outcomeOf(() => thenable)).toEqual(failed('then'));
  });
});

describe('what a handler throws', () => {
  const thrown: [string, unknown, string][] = [
    ['null', null, 'The handler threw null.'],
    ['undefined', undefined, 'The handler threw undefined.'],
    ['a string', 'no', 'no'],
    ['an error', new Error('boom'), 'boom'],
    ['an aggregate', new AggregateError([new Error('a')], 'all'), 'all\n- a'],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 }), 'The handler threw {"a":1}.'],
  ];

  it.each(thrown)('synchronously, %s, fails the attempt', async (_, value, error) => {
    const handle = () => {
      throw value;
    };
    expect(await outcomeOf(handle)).toEqual(failed(error));
  });

  it.each(thrown)('as a rejection, %s, fails the attempt', async (_, value, error) => {
    expect(await outcomeOf(() => Promise.reject(value as Error))).toEqual(failed(error));
  });

  it('is cut', async () => {
    const { error } = (await outcomeOf(() => Promise.reject(new Error('x'.repeat(10_000_000))))) as { error: string };
    expect(Buffer.byteLength(error)).toBe(1_024);
  });

  it('may say that trying again is of no use', async () => {
    expect(await outcomeOf(() => Promise.reject(new NonRetryableError('gone')))).toEqual(failed('gone', false));
  });

  it('may say when to try again', async () => {
    expect(await outcomeOf(() => Promise.reject(new RetryLaterError('busy', 5_000)))).toEqual({
      ...failed('busy'),
      retryAfterMs: 5_000,
    });
  });

  it.each([Number.NaN, -1, Infinity])('may not say to try again after %p ms', async (ms) => {
    expect(await outcomeOf(() => Promise.reject(new RetryLaterError('busy', ms)))).toEqual(failed('busy'));
  });

  it('may carry a result', async () => {
    const error = Object.assign(new Error('500'), { result: { status: 500 } });
    expect(await outcomeOf(() => Promise.reject(error))).toEqual({ ...failed('500'), result: { status: 500 } });
  });
});

describe('a handler', () => {
  it('that does not exist fails the run for good', async () => {
    expect(await anExecutor(() => 1).run({ handler: 'constructor' })).toEqual(
      failed('This worker has no handler "constructor"; it has work.', false),
    );
  });

  it('sees its attempt', async () => {
    let seen: Partial<HandlerContext> = {};
    await outcomeOf((context) => void (seen = context));
    const { payload, runId, jobId, jobName, attempt, nominalAt, dueAt, leaseToken } = aClaimedRun();
    expect(seen).toMatchObject({ payload, runId, jobId, jobName, attempt, nominalAt, dueAt, leaseToken });
  });

  it('gets an instance of its payload class, and is not called with a payload that is no longer valid', async () => {
    class Payload {
      @IsInt()
      size = 10;
    }
    const calls: unknown[] = [];
    const { run } = anExecutor(({ payload }) => void calls.push(payload), { payload: Payload });
    expect(await run({ payload: {} })).toMatchObject({ kind: 'succeeded' });
    expect(calls).toEqual([Object.assign(new Payload(), { size: 10 })]);
    expect(calls[0]).toBeInstanceOf(Payload);
    expect(await run({ payload: { size: 'x', other: 1 } })).toEqual(
      failed(expect.stringMatching(/\/size.*\/other|\/other.*\/size/), false),
    );
    expect(calls).toHaveLength(1);
  });

  it.each([
    [undefined, 'retry'],
    ['park', 'park'],
    ['retry', 'retry'],
  ] as const)('declared with onLost %p loses attempts as %p', (onLost, expected) => {
    expect(anExecutor(() => 1, onLost && { onLost }).executor.lostPolicy('work')).toBe(expected);
  });

  it('that is unknown loses attempts as "retry"', () => {
    expect(anExecutor(() => 1).executor.lostPolicy('other')).toBe('retry');
  });
});

describe('log() and progress()', () => {
  it('pass on what the handler says, until the attempt is over', async () => {
    let context: HandlerContext | undefined;
    const { run, lines, steps } = anExecutor((given) => {
      context = given;
      given.log('one');
      given.progress(50, 'half');
    });
    await run();
    context?.log('late');
    context?.progress(100);
    expect([lines, steps]).toEqual([['info: one'], [[50, 'half']]]);
  });
});
