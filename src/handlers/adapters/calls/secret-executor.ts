import { Inject, Injectable, Logger } from '@nestjs/common';
import { redactingLogs } from '../../../http/logging/redaction.js';
import type { ClaimedRun, LostPolicy } from '../../../runs/domain/claimed-run.js';
import type { Outcome } from '../../../runs/domain/outcome.js';
import type { ExecutionTools, IJobExecutor } from '../../../runs/execution/interfaces/job-executor.js';
import type { Redactor } from '../../../secrets/domain/redaction/redactor.js';
import { UnusableSecret } from '../../../secrets/domain/secret.js';
import { hasReferences } from '../../../secrets/domain/secret-reference.js';
import { ISecretResolver } from '../../../secrets/interfaces/secret-resolver.js';
import type { Resolved } from '../../../secrets/interfaces/secret-resolver.js';
import { HandlerExecutor } from './handler-executor.js';

/**
 * Puts the owner's secrets into a payload right before its attempt, and takes them out of all that comes of it: result,
 * error, the run's log and what is written to the process's log meanwhile. A payload without references passes as it is.
 */
@Injectable()
export class SecretExecutor implements IJobExecutor {
  private readonly logger = new Logger(SecretExecutor.name);

  constructor(
    @Inject(HandlerExecutor) private readonly handlers: IJobExecutor,
    @Inject(ISecretResolver) private readonly secrets: ISecretResolver,
  ) {}

  lostPolicy(handler: string): LostPolicy {
    return this.handlers.lostPolicy(handler);
  }

  execute(run: ClaimedRun, tools: ExecutionTools): Promise<Outcome> {
    return hasReferences(run.payload) ? this.executeWithSecrets(run, tools) : this.handlers.execute(run, tools);
  }

  private async executeWithSecrets(run: ClaimedRun, tools: ExecutionTools): Promise<Outcome> {
    const resolved = await this.resolve(run);
    if ('kind' in resolved) return resolved;
    const { payload, redactor } = resolved;
    const outcome = await redactingLogs(redactor, () =>
      this.handlers.execute({ ...run, payload }, guarded(tools, redactor)),
    );
    return redacted(outcome, redactor);
  }

  /** What the attempt needs, or its outcome where that cannot be had. Never rejects. */
  private async resolve({ payload, userId, runId }: ClaimedRun): Promise<Resolved | Outcome> {
    try {
      return await this.secrets.resolve(payload, userId);
    } catch (error) {
      if (error instanceof UnusableSecret) return { kind: 'failed', error: error.message, retryable: false };
      this.logger.warn(`Run ${runId}: its secrets could not be read: ${String(error)}`);
      return { kind: 'failed', error: 'The secrets of the payload could not be read just now.', retryable: true };
    }
  }
}

const guarded = (tools: ExecutionTools, redactor: Redactor): ExecutionTools => ({
  abort: tools.abort,
  log: (message, level) => tools.log(redactor.text(message), level),
  progress: (percent, note) => tools.progress(percent, note === undefined ? note : redactor.text(note)),
});

function redacted(outcome: Outcome, redactor: Redactor): Outcome {
  if (outcome.kind === 'succeeded') return { ...outcome, result: redactor.json(outcome.result) };
  const error = redactor.text(outcome.error);
  if (outcome.kind !== 'failed' || outcome.result === undefined) return { ...outcome, error };
  return { ...outcome, error, result: redactor.json(outcome.result) };
}
