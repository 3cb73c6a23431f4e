const firstDelayMs = 30_000;
const longestDelayMs = 3_600_000;
const maxTries = 10;

/**
 * When a notice that could not be sent is tried again: after 30 s, doubling up to an hour, ten tries in about three hours.
 * @param tries how often sending has failed, this time included
 * @returns ms to wait; null when it is given up
 */
export function sendAgainAfterMs(tries: number): number | null {
  return tries >= maxTries ? null : Math.min(firstDelayMs * 2 ** (tries - 1), longestDelayMs);
}
