import type { Allowance } from '../../limits/domain/allowance.js';

const windowSeconds = 60;

/** Jobs that a user may submit in a minute. The points are in its name: a changed quota begins a window of its own. */
export const submissionAllowance = (points: number): Allowance => ({
  ...{ name: `submissions-${points}`, points, windowSeconds, inLots: true },
});
