import type { ClaimedRun, LostPolicy } from '../../src/runs/domain/claimed-run.js';
import type { Outcome } from '../../src/runs/domain/outcome.js';
import type { ExecutionTools, IJobExecutor } from '../../src/runs/execution/interfaces/job-executor.js';
import type { StopReason } from '../../src/runs/execution/services/lease-keeper.js';

export type Script = (run: ClaimedRun, tools: ExecutionTools) => Outcome | Promise<Outcome>;

export const succeeds: Script = () => ({ kind: 'succeeded', result: null });

export const fails =
  (error = 'status 500', retryable = true): Script =>
  () => ({ kind: 'failed', error, retryable });

/** Works until it is told to stop, and then says why. */
export const hangs: Script = (_run, { abort }) =>
  new Promise((resolve) => {
    abort.onAbort((told) => {
      const reason = told as StopReason;
      resolve({ kind: reason === 'stopping' ? 'released' : reason, error: `stopped: ${reason}` });
    });
  });

/** Runs scripts in place of handlers, and remembers what it was asked to run. */
export class ScriptedExecutor implements IJobExecutor {
  readonly executed: ClaimedRun[] = [];
  private script: Script = succeeds;

  /** @param scripts one for each execution to come; the last one stays */
  play(...scripts: [Script, ...Script[]]): void {
    const [first, ...rest] = scripts;
    this.script = (run, tools) => {
      const [next, ...later] = rest;
      if (next) this.play(next, ...later);
      return first(run, tools);
    };
  }

  async execute(run: ClaimedRun, tools: ExecutionTools): Promise<Outcome> {
    this.executed.push(run);
    return this.script(run, tools);
  }

  lostPolicy(): LostPolicy {
    return 'retry';
  }
}
