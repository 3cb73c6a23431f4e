import { readConfig } from '../../src/config/config.js';
import { HandlerExecutor } from '../../src/handlers/adapters/calls/handler-executor.js';
import { HandlerThreads } from '../../src/handlers/adapters/threads/handler-threads.js';
import { HandlerRegistry } from '../../src/handlers/domain/handler-registry.js';
import type { RegisteredHandler } from '../../src/handlers/domain/handler-registry.js';
import type { HandlerContext } from '../../src/handlers/domain/job-handler.js';
import { Abort } from '../../src/kernel/abort.js';
import { SystemClock } from '../../src/kernel/clock.js';
import type { ClaimedRun } from '../../src/runs/domain/claimed-run.js';
import { uncounted } from './uncounted.js';

export type Handle = (context: HandlerContext) => unknown;

const config = readConfig({
  JWT_SECRET: 'a'.repeat(40),
  RESULT_LIMIT_BYTES: '1024',
  JOB_TIMEOUT_MS: '60000',
  JOB_MAX_TIMEOUT_MS: '90000',
});

export const aClaimedRun = (changes: Partial<ClaimedRun> = {}): ClaimedRun => ({
  runId: '0190d5a8-0000-7000-8000-000000000001',
  jobId: '0190d5a8-0000-7000-8000-000000000002',
  userId: '0190d5a8-0000-7000-8000-000000000003',
  jobName: 'Nightly',
  jobType: 'one_time',
  handler: 'work',
  payload: { a: 1 },
  trigger: 'schedule',
  nominalAt: new Date('2026-03-01T02:30:00Z'),
  dueAt: new Date('2026-03-01T02:30:05Z'),
  waitMs: 0,
  claimedAtMs: Date.UTC(2026, 2, 1, 2, 30, 5),
  attempt: 2,
  maxRetries: 3,
  retryDelayMs: null,
  timeoutMs: null,
  onLost: null,
  notifyOnFailure: null,
  leaseToken: '41',
  ...changes,
});

/** An executor with one handler, `work`, and what it wrote; `run` executes one attempt. */
export function anExecutor(handle: Handle, declaration: Partial<RegisteredHandler> = {}, metrics = uncounted) {
  const handler = { name: 'work', origin: 'Work (in Test)', instance: { handle: handle as never }, ...declaration };
  const registry = new HandlerRegistry(() => [handler]);
  const executor = new HandlerExecutor(registry, config, new SystemClock(), metrics, new HandlerThreads(config, {}));
  const abort = new Abort();
  const lines: string[] = [];
  const steps: [number, string | undefined][] = [];
  const tools = {
    abort,
    log: (line: string, level = 'info') => void lines.push(`${level}: ${line}`),
    progress: (percent: number, note?: string) => void steps.push([percent, note]),
  };
  return {
    executor,
    abort,
    lines,
    steps,
    tools,
    run: (changes: Partial<ClaimedRun> = {}) => executor.execute(aClaimedRun(changes), tools),
  };
}

function aPromise<T>() {
  let resolve!: (value: T | PromiseLike<T>) => void;
  let reject!: (reason: unknown) => void;
  const promise = new Promise<T>((...ends) => ([resolve, reject] = ends));
  return { promise, resolve, reject };
}

/** A handler that reports when it was called, and ends as it is told. */
export function held() {
  const started = aPromise<AbortSignal>();
  const end = aPromise<unknown>();
  const handle: Handle = ({ signal }) => {
    started.resolve(signal);
    return end.promise;
  };
  return { handle, started: started.promise, end };
}
