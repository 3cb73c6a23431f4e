import type { Outcome } from '../../runs/domain/outcome.js';

/** Why an attempt was stopped before its handler answered; `tools.abort.reason` names all but `timed_out`. */
export type AttemptEnd = 'timed_out' | 'cancelled' | 'lost' | 'stopping';

const sentences: Record<AttemptEnd, (timeoutMs: number) => string> = {
  timed_out: (timeoutMs) => `The attempt took longer than its limit of ${timeoutMs} ms.`,
  cancelled: () => 'The run was cancelled while it was running.',
  lost: () => "The worker's lease ran out while it was running.",
  stopping: () => 'The worker stopped before the handler had finished; the run was handed back.',
};
const kinds = { timed_out: 'timed_out', cancelled: 'cancelled', lost: 'lost', stopping: 'released' } as const;

/** What a handler's signal is aborted with; `name` is the one that Node's own functions use for it. */
export class AttemptEndedError extends Error {
  override readonly name = 'AbortError';

  constructor(
    readonly end: AttemptEnd,
    timeoutMs: number,
  ) {
    super(sentences[end](timeoutMs));
  }

  toOutcome(): Outcome {
    return { kind: kinds[this.end], error: this.message };
  }
}

/** Reads the reason that a worker aborted with; anything unknown counts as a lost lease, which the job's policy settles. */
export function endOf(reason: unknown): AttemptEnd {
  return reason === 'cancelled' || reason === 'stopping' ? reason : 'lost';
}
