/** What a thread runs. It knows no module of Nest's: only the handler's own file and what that imports. */
import 'reflect-metadata';
import type { MessagePort } from 'node:worker_threads';
import type { Outcome } from '../../../runs/domain/outcome.js';
import { AttemptEndedError } from '../../domain/attempt-end.js';
import { errorText } from '../../domain/error-text.js';
import type { RegisteredHandler } from '../../domain/handler-registry.js';
import { AttemptJournal } from '../calls/attempt-journal.js';
import { answerOf } from '../calls/handler-answer.js';
import { handlerClassIn } from './handler-module.js';
import type { FromThread, ThreadTask, ToThread } from './thread-messages.js';

/** Instances by handler: one serves all runs of a thread, as one serves all runs of a process. */
const instances = new Map<string, RegisteredHandler>();

/** Never rejects: what the handler does becomes an outcome, unless it ends the thread. */
export default async function attempt({
  module,
  run,
  timeoutMs,
  resultLimitBytes,
  port,
}: ThreadTask): Promise<Outcome> {
  const call = new ThreadSide(port, timeoutMs);
  try {
    const handler = await load(module, run.handler);
    if (call.stopped) return call.stopped.toOutcome();
    call.tell({ kind: 'begun' });
    return await answerOf(handler, run, call, new AttemptJournal(call), resultLimitBytes);
  } catch (thrown) {
    const why = errorText(thrown, resultLimitBytes);
    return { kind: 'failed', retryable: true, error: `The handler could not be loaded in its thread: ${why}` };
  } finally {
    port.close();
  }
}

async function load(module: string, name: string): Promise<RegisteredHandler> {
  const known = instances.get(name);
  if (known) return known;
  const { target, declaration } = await handlerClassIn(module, name);
  const handler = { ...declaration, instance: new target(), origin: module };
  instances.set(name, handler);
  return handler;
}

/** The thread's end of an attempt's port. */
class ThreadSide {
  /** Why the attempt is to stop; undefined while it may go on. */
  stopped: AttemptEndedError | undefined;
  private controller: AbortController | undefined;

  constructor(
    private readonly port: MessagePort,
    readonly timeoutMs: number,
  ) {
    port.on('message', (end: ToThread) => {
      this.stopped = new AttemptEndedError(end, timeoutMs);
      this.controller?.abort(this.stopped);
    });
  }

  get signal(): AbortSignal {
    if (!this.controller) {
      this.controller = new AbortController();
      if (this.stopped) this.controller.abort(this.stopped);
    }
    return this.controller.signal;
  }

  tell(message: FromThread): void {
    this.port.postMessage(message);
  }

  readonly log = (line: string, level?: Extract<FromThread, { kind: 'log' }>['level']): void =>
    this.tell({ kind: 'log', line, level });

  readonly progress = (percent: number, note?: string): void => this.tell({ kind: 'progress', percent, note });
}
