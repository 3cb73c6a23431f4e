import type { OverlapPolicy } from '../../../jobs/domain/policies.js';
import type { PreviewedTime } from '../../../schedules/domain/index.js';
import { inWords } from './explanation.js';

export interface PredictedTime extends PreviewedTime {
  /** Whether, by the usual duration, an earlier run of the job will not have ended. */
  predictedOverlap: boolean;
}

const consequences: Record<OverlapPolicy, string> = {
  skip: 'it would be skipped',
  buffer_one: 'it would wait, a second one would be skipped',
  buffer_all: 'it would wait its turn',
  cancel_other: 'the earlier one would be cancelled',
  allow_all: 'they would run side by side',
};

/**
 * Plays the coming times through with the usual duration, as the overlap policy would have it.
 * @param usualMs null where nothing is known: nothing is predicted
 */
export function predictOverlap(times: PreviewedTime[], policy: OverlapPolicy, usualMs: number | null): PredictedTime[] {
  let busyUntil = -Infinity;
  return times.map((time) => {
    if (usualMs === null || time.suppressed) return { ...time, predictedOverlap: false };
    const due = time.dueAt.getTime();
    const predictedOverlap = due < busyUntil;
    const waits = policy === 'buffer_all' || policy === 'buffer_one';
    if (!predictedOverlap || policy === 'cancel_other') busyUntil = due + usualMs;
    else if (policy === 'allow_all') busyUntil = Math.max(busyUntil, due + usualMs);
    else if (waits) busyUntil += usualMs;
    if (!predictedOverlap) return { ...time, predictedOverlap };
    const why = `predicted overlap: a run usually takes ${inWords(usualMs)}, so ${consequences[policy]}`;
    return { ...time, predictedOverlap, reason: `${time.reason}; ${why}` };
  });
}
