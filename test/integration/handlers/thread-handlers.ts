import { setTimeout as sleep } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';
import { JobHandler } from '../../../src/handlers/domain/job-handler.js';
import type { HandlerContext } from '../../../src/handlers/domain/job-handler.js';
import type { JsonValue } from '../../../src/kernel/json.js';
import { NonRetryableError, RetryLaterError } from '../../../src/runs/domain/outcome.js';

const inThread = { runIn: 'thread', module: import.meta.url } as const;

@JobHandler('tell', inThread)
export class TellHandler implements JobHandler {
  private calls = 0;

  /** What it was given, and where it is. */
  handle({ log: _log, progress: _progress, signal, ...context }: HandlerContext): JsonValue {
    this.calls += 1;
    const isDate = context.dueAt instanceof Date && context.nominalAt instanceof Date;
    const { dueAt, nominalAt, ...rest } = context;
    const dates = { dueAt: dueAt.toISOString(), nominalAt: nominalAt.toISOString() };
    return { ...rest, ...dates, isDate, aborted: signal.aborted, threadId, calls: this.calls };
  }
}

@JobHandler('count', inThread)
export class CountHandler implements JobHandler {
  handle({ payload, log, progress }: HandlerContext): JsonValue {
    const to = Number(payload['to']);
    for (let at = 1; at <= to; at += 1) {
      log(`line ${at}`, at % 2 === 0 ? 'debug' : 'warn');
      progress((at / to) * 100);
    }
    return 'counted';
  }
}

@JobHandler('loop', inThread)
export class LoopHandler implements JobHandler {
  handle({ log }: HandlerContext): never {
    log('looping');
    for (;;);
  }
}

@JobHandler('obey', inThread)
export class ObeyHandler implements JobHandler {
  async handle({ log, signal }: HandlerContext): Promise<JsonValue> {
    log('waiting');
    await sleep(60_000, undefined, { signal }).catch(() => {
      const { name, end } = signal.reason as { name: string; end: string };
      log(`${name}: ${end}`);
    });
    return 'obeyed';
  }
}

@JobHandler('linger', inThread)
export class LingerHandler implements JobHandler {
  /** Obeys its signal so many ms late. */
  async handle({ payload, signal }: HandlerContext): Promise<void> {
    await sleep(60_000, undefined, { signal }).catch(() => undefined);
    await sleep(Number(payload['ms']));
  }
}

@JobHandler('hoard', { ...inThread, memoryLimitMb: 48 })
export class HoardHandler implements JobHandler {
  handle({ log }: HandlerContext): never {
    log('hoarding');
    const kept: object[] = [];
    for (let at = 0; ; at += 1) kept.push({ at, text: `${at}` });
  }
}

const thrown: Record<string, () => unknown> = {
  plain: () => new TypeError('broken', { cause: new Error('deeper') }),
  final: () => new NonRetryableError('never again'),
  later: () => new RetryLaterError('not now', 5_000),
  result: () => Object.assign(new Error('odd'), { result: { status: 500 } }),
  null: () => null,
};

@JobHandler('fail', inThread)
export class FailHandler implements JobHandler {
  handle({ payload }: HandlerContext): never {
    throw thrown[payload['how'] as string]?.();
  }
}

const endings: Record<string, () => unknown> = {
  exits: () => process.exit(7),
  'throws elsewhere': () => {
    setTimeout(() => {
      throw new Error('nobody catches this');
    });
    return new Promise(() => undefined);
  },
  'rejects elsewhere': () => {
    void Promise.reject(new Error('nobody waits for this'));
    return new Promise(() => undefined);
  },
};

@JobHandler('die', inThread)
export class DieHandler implements JobHandler {
  handle({ payload, log }: HandlerContext): JsonValue {
    log('the last words');
    return endings[payload['how'] as string]?.() as JsonValue;
  }
}

@JobHandler('leave-behind', inThread)
export class LeaveBehindHandler implements JobHandler {
  handle(): void {
    setTimeout(() => {
      throw new RangeError('planted secret');
    }, 50);
  }
}

@JobHandler('answer', inThread)
export class AnswerHandler implements JobHandler {
  handle({ payload }: HandlerContext): JsonValue {
    if (payload['size']) return 'x'.repeat(Number(payload['size']));
    const circle: Record<string, unknown> = { call: () => 1, big: 1n };
    circle['self'] = circle;
    return circle as JsonValue;
  }
}
