/** The only place that reads this process's clocks. A decision that several processes must agree on uses PostgreSQL's clock instead. */
export interface IClock {
  /** Wall-clock time of this process: for display, logs and token expiry, never to decide whether a run is due. */
  now(): Date;
  /** Milliseconds since an arbitrary start. Never goes back and ignores clock changes. For durations and deadlines. */
  monotonicMs(): number;
}
export const IClock = Symbol('IClock');

export class SystemClock implements IClock {
  now(): Date {
    return new Date();
  }

  monotonicMs(): number {
    return performance.now();
  }
}
