import { Counts } from '../../../kernel/counts.js';
import type { CalledRun } from '../../dispatch/domain/doorbell.js';
import type { Ring } from '../../domain/ring.js';

/**
 * Splits runs into those that this process takes itself and those that it rings for. It takes the runs that may be claimed now, up
 * to its free handler slots, and of each owner up to `slotsFor`. For a run without a known owner, `slotsFor` is not asked: the
 * worker looks the owner up and decides again.
 */
export function splitLocal(
  rings: Ring[],
  slots: number,
  aheadMs: number,
  slotsFor: (userId: string) => number,
): { taken: CalledRun[]; left: Ring[] } {
  const taken: CalledRun[] = [];
  const takenOf = new Counts();
  const left = rings.filter(({ runId, userId = null, delayMs }) => {
    if (delayMs > aheadMs || taken.length >= slots) return true;
    if (userId !== null && slotsFor(userId) <= takenOf.of(userId)) return true;
    takenOf.add(userId ?? '');
    taken.push({ runId, userId });
    return false;
  });
  return { taken, left };
}
