import type { RecurringSchedule } from './schedule.js';
import { stableHash } from './stable-hash.js';

/**
 * When the run of a nominal time is due: `nominalAt` plus an offset within `[0, jitterMs]` that is hashed from the job's
 * id and the nominal time, so that every process and every recomputation agrees. Never reaches `next`, the nominal time
 * that follows.
 */
export function dueAt(schedule: RecurringSchedule, nominalAt: Date, next: Date | null, seed: string): Date {
  const nominal = nominalAt.getTime();
  const room = next ? next.getTime() - nominal - 1 : Infinity;
  const widest = Math.max(0, Math.min(schedule.jitterMs ?? 0, room));
  return new Date(nominal + (stableHash(`${seed}@${nominal}`) % (widest + 1)));
}
