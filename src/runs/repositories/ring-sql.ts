/**
 * When the ringing after the one being made is owed, from `runs r`: `afterMs` after the run is due if nobody has claimed
 * it by then; the wait doubles with each ringing, up to 64-fold.
 */
export const nextRingAt = (afterMs: number): string =>
  `greatest(r.due_at, clock_timestamp()) + ${afterMs} * interval '1 ms' * (2 ^ least(r.rings, 6))`;

/** A `Ring`, from `runs r`. */
export const ringColumns = `
  r.id AS "runId", greatest(extract(epoch FROM r.due_at - clock_timestamp()) * 1000, 0)::float8 AS "delayMs"`;
