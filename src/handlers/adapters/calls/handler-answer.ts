import type { ClaimedRun } from '../../../runs/domain/claimed-run.js';
import { NonRetryableError, RetryLaterError } from '../../../runs/domain/outcome.js';
import type { Outcome } from '../../../runs/domain/outcome.js';
import { errorText } from '../../domain/error-text.js';
import type { RegisteredHandler } from '../../domain/handler-registry.js';
import { storableJson } from '../../domain/storable-json.js';
import type { AttemptJournal } from './attempt-journal.js';
import { CallContext } from './call-context.js';
import { readPayload } from './payload-reader.js';

/**
 * Calls the handler and turns its answer, or what it throws, into an outcome that can be stored. Never rejects.
 * @param call whose signal and time limit, in ms, the handler is given
 * @param limit bytes of a result or an error that are kept
 */
export async function answerOf(
  handler: RegisteredHandler,
  run: ClaimedRun,
  call: { readonly signal: AbortSignal; readonly timeoutMs: number },
  journal: AttemptJournal,
  limit: number,
): Promise<Outcome> {
  try {
    let payload: object = run.payload;
    if (handler.payload) {
      const read = await readPayload(handler, run.payload);
      if (read.problems.length > 0)
        return refused(read.problems.map(({ pointer, detail }) => `${pointer}: ${detail}`).join(' '), limit);
      payload = read.payload;
    }
    const answer: unknown = await handler.instance.handle(new CallContext(run, payload as never, call, journal));
    return { kind: 'succeeded', result: answer === undefined ? null : storableJson(answer, limit) };
  } catch (thrown) {
    return failure(thrown, limit);
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
