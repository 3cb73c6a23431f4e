/** A doorbell to ring for a run. */
export interface Ring {
  runId: string;
  /** Ms from now until the run is due. */
  delayMs: number;
}

/** One Bull job: look at these runs, `delayMs` from now. */
export interface Doorbell {
  runIds: string[];
  delayMs: number;
}

/** Runs that share a doorbell at most: one claim statement takes them all. */
const maxRunsPerDoorbell = 200;

/**
 * Runs due at nearly the same time share a doorbell; one that is alone rings alone. A doorbell rings `aheadMs` before the
 * first of its runs is due, and none of them is due later than `aheadMs` after that one, so that one claim takes all.
 *
 * @param aheadMs how long before it is due a run may be claimed, in ms
 */
export function groupRings(rings: Ring[], aheadMs: number): Doorbell[] {
  const doorbells: { runIds: string[]; firstMs: number }[] = [];
  let open: { runIds: string[]; firstMs: number } | undefined;
  for (const { runId, delayMs } of [...rings].sort((a, b) => a.delayMs - b.delayMs)) {
    if (!open || open.runIds.length >= maxRunsPerDoorbell || delayMs - open.firstMs > aheadMs) {
      open = { runIds: [], firstMs: delayMs };
      doorbells.push(open);
    }
    open.runIds.push(runId);
  }
  return doorbells.map(({ runIds, firstMs }) => ({ runIds, delayMs: Math.max(Math.floor(firstMs - aheadMs), 0) }));
}
