import { Inject, Injectable, Logger } from '@nestjs/common';
import { Config } from '../../../config/config.js';
import { IClock } from '../../../kernel/clock.js';
import type { ClaimedRun, LostPolicy } from '../../../runs/domain/claimed-run.js';
import type { Outcome } from '../../../runs/domain/outcome.js';
import type { ExecutionTools, IJobExecutor } from '../../../runs/execution/interfaces/job-executor.js';
import { AttemptEndedError, endOf } from '../../domain/attempt-end.js';
import { HandlerRegistry } from '../../domain/handler-registry.js';
import { IHandlerMetrics } from '../../interfaces/handler-metrics.js';
import { HandlerCall } from './handler-call.js';
import type { CallSurroundings } from './handler-call.js';
import { HandlerThreads } from '../threads/handler-threads.js';
import { ThreadCall } from '../threads/thread-call.js';
import { TimeLimits } from './time-limits.js';

@Injectable()
export class HandlerExecutor implements IJobExecutor {
  private readonly around: CallSurroundings;

  constructor(
    @Inject(HandlerRegistry) private readonly registry: HandlerRegistry,
    @Inject(Config) private readonly config: Config,
    @Inject(IClock) clock: IClock,
    @Inject(IHandlerMetrics) private readonly metrics: IHandlerMetrics,
    @Inject(HandlerThreads) private readonly threads: HandlerThreads,
  ) {
    const logger = new Logger('HandlerExecutor');
    const { resultLimitBytes } = config.engine;
    this.around = { clock, metrics, logger, limits: new TimeLimits(), resultLimitBytes };
  }

  lostPolicy(name: string): LostPolicy {
    return this.registry.find(name)?.onLost ?? 'retry';
  }

  execute(run: ClaimedRun, tools: ExecutionTools): Promise<Outcome> {
    const handler = this.registry.find(run.handler);
    if (!handler)
      return Promise.resolve({
        kind: 'failed',
        retryable: false,
        error: `This worker has no handler "${run.handler}"; it has ${this.registry.names().join(', ')}.`,
      });
    const { timeoutMs: usualMs, maxTimeoutMs } = this.config.engine;
    const timeoutMs = Math.min(run.timeoutMs ?? usualMs, maxTimeoutMs);
    if (tools.abort.aborted)
      return Promise.resolve(new AttemptEndedError(endOf(tools.abort.reason), timeoutMs).toOutcome());
    this.metrics.called(-run.waitMs);
    if (handler.thread) return new ThreadCall(handler.thread, run, tools, timeoutMs, this.around, this.threads).begin();
    return new HandlerCall(handler, run, tools, timeoutMs, this.around).begin();
  }
}
