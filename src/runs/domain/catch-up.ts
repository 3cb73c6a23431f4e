import type { Catchup } from '../../jobs/domain/policies.js';
import type { RunReason } from './run.js';

const oneHourMs = 3_600_000;
const oneSecondMs = 1_000;

/** Lateness from which a time has been passed by, in ms: one interval, but a second at least, and `catchupAfterMs` at most. */
export const passedAfterMs = ({
  intervalMs,
  catchupAfterMs,
}: {
  intervalMs: number;
  catchupAfterMs: number;
}): number => (intervalMs > 0 ? Math.min(Math.max(intervalMs, oneSecondMs), catchupAfterMs) : catchupAfterMs);

/** How long after its nominal time a passed run may still start, in ms. */
export const catchupWindowMs = (catchup: Catchup, intervalMs: number): number =>
  catchup.windowMs ?? Math.max(intervalMs, oneHourMs);

/** Why a passed nominal time is not made up, in a sentence. */
export function missedDetail(reason: RunReason, lateMs: number, windowMs: number): string {
  const late = `Nothing could start it for ${Math.round(lateMs / 1000)} s`;
  if (reason === 'catchup_none') return `${late}; catch-up mode is none.`;
  if (reason === 'superseded') return `${late}, and a later time was due by then; catch-up mode is latest.`;
  return `${late}; that is outside what catch-up makes up (window ${Math.round(windowMs / 1000)} s, or its maximum count).`;
}
