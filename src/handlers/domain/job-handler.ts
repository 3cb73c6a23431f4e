import type { FieldProblem } from '../../kernel/errors.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import type { LostPolicy } from '../../runs/domain/claimed-run.js';
import type { LogLevel } from '../../runs/domain/log-line.js';

/** One attempt, as its handler sees it. */
export interface HandlerContext<P = JsonObject> {
  /** The job's payload; an instance of the handler's payload class where it declares one. */
  payload: P;
  runId: string;
  jobId: string;
  jobName: string;
  /** Whose job it is. */
  userId: string;
  /** This attempt's number within the run, from 1. */
  attempt: number;
  /** The instant that the schedule names: the same in every attempt of the run. */
  nominalAt: Date;
  /** When this attempt was due. */
  dueAt: Date;
  /** Rises with every attempt of the run: what a handler writes elsewhere under an older token is out of date. */
  leaseToken: string;
  /** How long this attempt may take, in ms: the job's `timeoutMs` or the configured one. */
  timeLimitMs: number;
  /** Aborted on timeout, cancellation, a lost lease or a stopping worker. Whatever the handler answers afterwards is ignored. */
  signal: AbortSignal;
  /** Adds a line to the run's log; `info` unless a level is given. Lines are cut at 8 kB and at 1,000 an attempt. */
  log(this: void, message: string, level?: LogLevel): void;
  /** Records how far the work is. @param percent 0 to 100 */
  progress(this: void, percent: number, note?: string): void;
}

/**
 * A kind of work. Implemented by a class that carries the {@link JobHandler} decorator and is a provider of any module.
 * One instance serves all runs of a process at the same time.
 */
export interface JobHandler<P = JsonObject> {
  /**
   * Does the work of one attempt. Called again, with the same `runId`, when an attempt failed or its worker died.
   * What it resolves with becomes the execution's result, made safe for JSON and cut at `RESULT_LIMIT_BYTES`.
   * Whatever it throws fails the attempt: `NonRetryableError` fails the run at once, `RetryLaterError` says when to try
   * again, and an error's `result` property is kept as the execution's result.
   */
  handle(context: HandlerContext<P>): Promise<JsonValue | void> | JsonValue | void;

  /**
   * Checks at submission what the payload class cannot say: rules across fields, or against the configuration.
   * @returns what is wrong, with pointers relative to the payload (`/url`)
   */
  validate?(payload: P): Promise<FieldProblem[]> | FieldProblem[];
}

/** A class of the payload, its fields checked by class-validator's decorators; a field without one is refused. */
export type PayloadClass = new () => object;

interface HandlerRules {
  /** Checked at submission and again before each attempt. Without it the handler takes any payload. */
  payload?: PayloadClass;
  /** What a lost attempt means when the job does not say; `retry` unless given. `park` for what must not happen twice. */
  onLost?: LostPolicy;
}

interface InProcess {
  /** `process`, unless given: the worker's own event loop runs the handler. */
  runIn?: 'process';
}

interface InThread {
  /**
   * A thread of its own runs each attempt: it may compute for long and holds up nobody, its memory is limited, and it is ended
   * when it ignores its signal. The thread makes its own instance, so the class takes nothing by injection.
   */
  runIn: 'thread';
  /** Where the thread finds the class: `import.meta.url`, written in the file that exports it. */
  module: string;
  /** Heap that an attempt may use, in MB, from 32; `HANDLER_THREAD_MEMORY_MB` unless given. Buffers are not counted. */
  memoryLimitMb?: number;
}

export type HandlerOptions = HandlerRules & (InProcess | InThread);

export interface HandlerDeclaration extends HandlerRules {
  name: string;
  /** Only for a handler that runs in a thread. */
  thread?: Pick<InThread, 'module' | 'memoryLimitMb'>;
}

type HandlerClass = abstract new (...args: never[]) => JobHandler<never>;

const declarations = new WeakMap<object, HandlerDeclaration>();

/**
 * Makes a provider the handler of the jobs that name it.
 * @param name a lower-case letter, then lower-case letters, digits and hyphens; at most 50 characters
 * @throws TypeError for a `runIn` that does not exist
 */
export function JobHandler(name: string, options: HandlerOptions = {}) {
  const { runIn: given, ...rest } = options;
  const runIn: string = given ?? 'process';
  if (runIn !== 'process' && runIn !== 'thread')
    throw new TypeError(
      `The handler "${name}" says runIn: ${JSON.stringify(runIn)}; it may say "process" or "thread".`,
    );
  const { payload, onLost, ...thread } = rest as HandlerRules & Omit<InThread, 'runIn'>;
  const rules = { ...(payload && { payload }), ...(onLost && { onLost }) };
  return (target: HandlerClass): void =>
    void declarations.set(target, { ...rules, name, ...(runIn === 'thread' && { thread }) });
}

/** What the decorator said of a class; undefined for a class without it. A subclass does not inherit it. */
export const declarationOf = (target: object): HandlerDeclaration | undefined => declarations.get(target);
