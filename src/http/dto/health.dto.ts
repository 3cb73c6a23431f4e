/** The process is up. */
export class LivenessDto {
  /** @example "ok" */
  status!: 'ok';

  /**
   * Seconds since the process started.
   * @example 3600
   */
  uptimeSeconds!: number;
}

/** One part that the process needs. A part may add members of its own. */
export class HealthCheckDto {
  /** @example "postgres" */
  name!: string;

  /** @example "up" */
  status!: 'up' | 'down';

  /**
   * Milliseconds until the part answered or was given up.
   * @example 1.4
   */
  latencyMs!: number;

  /**
   * Code of what is wrong with a part that is down.
   * @example "ECONNREFUSED"
   */
  error?: string;
}

/** Whether the process can do its work. */
export class ReadinessDto {
  /**
   * `ok` when every part is up; `stopping` while the process finishes what it holds.
   * @example "ok"
   */
  status!: 'ok' | 'unavailable' | 'stopping';

  /**
   * Seconds since the process started.
   * @example 3600
   */
  uptimeSeconds!: number;

  /** Every part, in the order in which they depend on each other. */
  checks!: HealthCheckDto[];
}
