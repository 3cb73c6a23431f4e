import { Inject, Injectable, Logger } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { IClock } from '../../kernel/clock.js';
import type { ClaimedRun, LostPolicy } from '../../runs/domain/claimed-run.js';
import { NonRetryableError, RetryLaterError } from '../../runs/domain/outcome.js';
import type { Outcome } from '../../runs/domain/outcome.js';
import type { ExecutionTools, IJobExecutor } from '../../runs/interfaces/job-executor.js';
import { AttemptEndedError, endOf } from '../domain/attempt-end.js';
import { errorText } from '../domain/error-text.js';
import { HandlerRegistry } from '../domain/handler-registry.js';
import type { RegisteredHandler } from '../domain/handler-registry.js';
import type { HandlerContext } from '../domain/job-handler.js';
import { storableJson } from '../domain/storable-json.js';
import { IHandlerMetrics } from '../interfaces/handler-metrics.js';
import { AttemptJournal } from './attempt-journal.js';
import { Deadline } from './deadline.js';
import { readPayload } from './payload-reader.js';

/** How long a handler may wind down, in ms, after its signal aborted. Then its attempt ends without it. */
const windDownMs = 250;

@Injectable()
export class HandlerExecutor implements IJobExecutor {
  private readonly logger = new Logger('HandlerExecutor');

  constructor(
    @Inject(HandlerRegistry) private readonly registry: HandlerRegistry,
    @Inject(Config) private readonly config: Config,
    @Inject(IClock) private readonly clock: IClock,
    @Inject(IHandlerMetrics) private readonly metrics: IHandlerMetrics,
  ) {}

  lostPolicy(name: string): LostPolicy {
    return this.registry.find(name)?.onLost ?? 'retry';
  }

  async execute(run: ClaimedRun, tools: ExecutionTools): Promise<Outcome> {
    const handler = this.registry.find(run.handler);
    if (!handler)
      return {
        kind: 'failed',
        retryable: false,
        error: `This worker has no handler "${run.handler}"; it has ${this.registry.names().join(', ')}.`,
      };
    const { timeoutMs: usualMs, maxTimeoutMs } = this.config.engine;
    const timeoutMs = Math.min(run.timeoutMs ?? usualMs, maxTimeoutMs);
    const deadline = new Deadline(tools.signal, timeoutMs, {
      late: () => new AttemptEndedError('timed_out', timeoutMs),
      from: (reason) => new AttemptEndedError(endOf(reason), timeoutMs),
    });
    const journal = new AttemptJournal(tools);
    try {
      return await this.attempt(handler, run, deadline, journal);
    } finally {
      deadline.dispose();
      journal.close();
    }
  }

  /** Ends with the handler's answer, or soon after the deadline: then its reason decides, whatever the handler says. */
  private async attempt(
    handler: RegisteredHandler,
    run: ClaimedRun,
    deadline: Deadline<AttemptEndedError>,
    journal: AttemptJournal,
  ): Promise<Outcome> {
    const before = deadline.reason;
    if (before) return before.toOutcome();
    this.metrics.called(-run.waitMs);
    const answer = this.run(handler, run, deadline, journal);
    const first = await Promise.race([answer, deadline.passed]);
    const end = deadline.reason;
    if (!end) return first as Outcome;
    const endedAt = this.clock.monotonicMs();
    if (!(await Promise.race([answer, elapsed(windDownMs)]))) {
      journal.write('The handler ignored its abort signal; the attempt ended without it.', 'warn');
      this.metrics.abandoned();
      void answer.then((late) => this.noteLateAnswer(run, late, this.clock.monotonicMs() - endedAt, journal));
    }
    return end.toOutcome();
  }

  /** Never rejects. */
  private async run(
    handler: RegisteredHandler,
    run: ClaimedRun,
    deadline: Deadline<AttemptEndedError>,
    journal: AttemptJournal,
  ): Promise<Outcome> {
    const limit = this.config.engine.resultLimitBytes;
    try {
      const { problems, payload } = await readPayload(handler, run.payload);
      if (problems.length > 0)
        return refused(problems.map(({ pointer, detail }) => `${pointer}: ${detail}`).join(' '), limit);
      const answer = await handler.instance.handle(contextOf(run, payload as never, deadline, journal));
      return { kind: 'succeeded', result: storableJson(answer, limit) };
    } catch (thrown) {
      return failure(thrown, limit);
    }
  }

  private noteLateAnswer(run: ClaimedRun, late: Outcome, afterMs: number, journal: AttemptJournal): void {
    this.metrics.abandonedEnded();
    const line = `The handler answered ${Math.round(afterMs)} ms after its attempt was stopped (${late.kind}); the answer was ignored.`;
    journal.write(line, 'warn');
    this.logger.warn(`Run ${run.runId}, attempt ${run.attempt}, handler ${run.handler}: ${line}`);
  }
}

const refused = (problems: string, limit: number): Outcome => ({
  kind: 'failed',
  retryable: false,
  error: errorText(`The payload is not what the handler takes. ${problems}`, limit),
});

function failure(thrown: unknown, limit: number): Outcome {
  const outcome: Outcome = {
    kind: 'failed',
    error: errorText(thrown, limit),
    retryable: !(thrown instanceof NonRetryableError),
  };
  if (thrown instanceof RetryLaterError && thrown.retryAfterMs >= 0 && Number.isFinite(thrown.retryAfterMs))
    outcome.retryAfterMs = thrown.retryAfterMs;
  const result = storableJson(resultOf(thrown), limit);
  return result === null ? outcome : { ...outcome, result };
}

/** An error may carry what there was to show of a failed attempt, such as the answer with the unexpected status. */
function resultOf(thrown: unknown): unknown {
  try {
    return thrown instanceof Error && 'result' in thrown ? thrown.result : null;
  } catch {
    return null;
  }
}

function contextOf(
  { runId, jobId, jobName, userId, attempt, nominalAt, dueAt, leaseToken }: ClaimedRun,
  payload: never,
  deadline: Pick<Deadline, 'signal'>,
  journal: AttemptJournal,
): HandlerContext<never> {
  return {
    ...{ payload, runId, jobId, jobName, userId, attempt, nominalAt, dueAt, leaseToken },
    get signal() {
      return deadline.signal;
    },
    log: (message, level) => journal.log(message, level),
    progress: (percent, note) => journal.progress(percent, note),
  };
}

const elapsed = (ms: number): Promise<undefined> =>
  new Promise((resolve) => void setTimeout(() => resolve(undefined), ms));
