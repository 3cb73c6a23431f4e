import type { BackoffPolicy, Call, ExecutionRow, Fault, RunRow } from '../ledgers.js';

/** Two clocks of one machine, read a moment apart. */
export const toleranceMs = 2;
/** One statement settles hundreds of runs, and reads the clock for each one's wait before it does for each one's end. */
const settlingMs = 50;
const jitterShare = 0.1;
/** How late an attempt may come while nothing is wrong any more: leases run out, doorbells are rung again, queues empty. */
const latenessMs = 20_000;

/**
 * I11: between the end of an attempt and the next lies the wait of the policy, by the record and, where the sink had
 * answered that it did nothing, by the sink's own times; and not much more than that, the time of faults apart.
 */
export function wrongGaps(
  { key, retryDelayMs }: RunRow,
  calls: Call[],
  executions: ExecutionRow[],
  policy: BackoffPolicy,
  faults: Fault[],
): string[] {
  const callOf = new Map(calls.map((call) => [call.leaseToken, call]));
  const inOrder = executions.toSorted((a, b) => a.leaseToken - b.leaseToken);
  return inOrder.slice(1).flatMap((next, index) => {
    const before = inOrder[index]!;
    const least = waitAfter(before, retryDelayMs ?? policy.baseDelayMs, policy.maxDelayMs);
    const asked = Math.min(callOf.get(before.leaseToken)?.askedMs ?? 0, policy.maxDelayMs);
    const most = Math.max(least * (1 + jitterShare), asked) + latenessMs;
    const gap = next.startedAt - before.completedAt;
    const seen = gapAtTheSink(callOf.get(before.leaseToken), callOf.get(next.leaseToken));
    const name = `${key}: ${next.attempt} after ${before.attempt} (${before.status})`;
    return [
      ...(gap < least - settlingMs ? [`${name}: ${gap.toFixed(0)} ms, where ${least} is the least`] : []),
      ...(seen < least - toleranceMs ? [`${name}: ${seen} ms at the sink, where ${least} is the least`] : []),
      ...(gap - troubled(faults, before.completedAt, next.startedAt) > most
        ? [`${name}: ${gap.toFixed(0)} ms, where ${most.toFixed(0)} is the most`]
        : []),
    ];
  });
}

/** What was handed back goes on at once. */
const waitAfter = ({ status, attempt }: ExecutionRow, baseDelayMs: number, maxDelayMs: number): number =>
  status === 'released' ? 0 : Math.min(baseDelayMs * 2 ** (attempt - 1), maxDelayMs);

const gapAtTheSink = (before: Call | undefined, next: Call | undefined): number =>
  before?.refused && before.endedAt !== null && next ? next.startedAt - before.endedAt : Infinity;

/** Ms of a span in which something was wrong. */
function troubled(faults: Fault[], from: number, to: number): number {
  const spans = faults
    .map((fault) => [Math.max(fault.from, from), Math.min(fault.to, to)] as const)
    .filter(([begin, end]) => begin < end)
    .toSorted(([a], [b]) => a - b);
  let covered = 0;
  let reached = from;
  for (const [begin, end] of spans) {
    covered += Math.max(end - Math.max(begin, reached), 0);
    reached = Math.max(reached, end);
  }
  return covered;
}
