/**
 * When the ringing after the one being made is owed, from `runs r`: `afterMs` after the run is due if nobody has claimed
 * it by then; the wait doubles with each ringing, up to 64-fold.
 */
export const nextRingAt = (afterMs: number): string =>
  `greatest(r.due_at, clock_timestamp()) + ${afterMs} * interval '1 ms' * (2 ^ least(r.rings, 6))`;

/** A `Ring`, from `runs r`. */
export const ringColumns = `
  r.id AS "runId", greatest(extract(epoch FROM r.due_at - clock_timestamp()) * 1000, 0)::float8 AS "delayMs"`;

/**
 * When the ringing of a run that cannot start before its job is resumed is owed: not before that, which rings anew. However
 * many of them there are, nobody who looks for what is due soon comes across them.
 */
export const putAway = `clock_timestamp() + interval '100 years'`;
