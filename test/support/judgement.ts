import type { Outcome } from '../../src/runs/domain/outcome.js';
import { judge } from '../../src/runs/execution/domain/settlement.js';
import type { Verdict } from '../../src/runs/execution/domain/settlement.js';

const error = 'why';
export const outcomes: Outcome[] = [
  { kind: 'succeeded', result: null },
  { kind: 'failed', error, retryable: true },
  { kind: 'failed', error, retryable: true, retryAfterMs: 90_000 },
  { kind: 'failed', error, retryable: false },
  { kind: 'timed_out', error },
  { kind: 'cancelled', error },
  { kind: 'lost', error },
  { kind: 'released', error },
];

/** Every verdict that the judge can give, by trying every kind of outcome under every kind of rule. */
export function judgement(): Verdict[] {
  const delays = { baseDelayMs: 1_000, maxDelayMs: 60_000 };
  return outcomes.flatMap((outcome) =>
    [1, 2, 3].flatMap((attempt) =>
      (['retry', 'park'] as const).flatMap((onLost) =>
        [true, false].map((cancelRequested) =>
          judge(outcome, attempt, { ...delays, maxRetries: 2, onLost, cancelRequested }, 0.5),
        ),
      ),
    ),
  );
}
