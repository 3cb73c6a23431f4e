/**
 * Names local times without knowing any zone. Civil times are ms as if the local clock showed UTC, so that plain
 * arithmetic on them is calendar arithmetic.
 */
export interface CivilRule {
  /** Fixed-time schedules make up for gaps and fire once in overlaps; the others follow real time. */
  readonly fixedTime: boolean;
  /** The first named civil time at or after `civil`, `Infinity` when none ever comes. */
  firstFrom(civil: number): number;
}
