import { Counts } from '../../../kernel/counts.js';
import type { CalledRun } from '../../dispatch/domain/doorbell.js';
import type { Ring } from '../../domain/ring.js';

/**
 * Which runs a process that would ring for them takes itself: those that may be claimed now, as long as it has places, for each owner
 * as many as `placesFor` says. An owner who is not known is none's: the worker that looks it up decides again.
 */
export function splitLocal(
  rings: Ring[],
  places: number,
  aheadMs: number,
  placesFor: (userId: string) => number,
): { taken: CalledRun[]; left: Ring[] } {
  const taken: CalledRun[] = [];
  const takenOf = new Counts();
  const left = rings.filter(({ runId, userId = null, delayMs }) => {
    if (delayMs > aheadMs || taken.length >= places) return true;
    if (userId !== null && placesFor(userId) <= takenOf.of(userId)) return true;
    takenOf.add(userId ?? '');
    taken.push({ runId, userId });
    return false;
  });
  return { taken, left };
}
