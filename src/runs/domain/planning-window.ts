/**
 * A job is planned up to the horizon once what has been planned reaches less than half as far: a short interval is planned
 * every half minute, not at each of its times. What a rare tick would come too late for is planned as far ahead as can be.
 */
export function planningWindow({ horizonMs, tickIntervalMs }: { horizonMs: number; tickIntervalMs: number }) {
  const withinMs = Math.max(horizonMs / 2, Math.min(horizonMs, 4 * tickIntervalMs));
  return { withinMs, urgentMs: withinMs / 2 };
}
