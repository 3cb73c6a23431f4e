import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { anyNumber } from '../openapi/exact-schemas.js';

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

/** One part that the process needs. Those after `error` are told by the part that they belong to, while it is up. */
export class HealthCheckDto {
  /** @example "postgres" */
  name!: string;

  /** @example "up" */
  status!: 'up' | 'down';

  @ApiProperty({ ...anyNumber, description: 'Milliseconds until the part answered or was given up.', example: 1.4 })
  latencyMs!: number;

  /**
   * Code of what is wrong with a part that is down.
   * @example "ECONNREFUSED"
   */
  error?: string;

  /**
   * Of `migrations`: how many are applied.
   * @example 42
   */
  applied?: number;

  /**
   * Of `queue`: doorbells that no worker has taken.
   * @example 0
   */
  waiting?: number;

  /**
   * Of `queue`: doorbells that workers answer just now.
   * @example 1
   */
  active?: number;

  /**
   * Of `queue`: doorbells that ring later.
   * @example 3
   */
  delayed?: number;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    description: 'Of `memory-policy`: what Redis does when its memory is full; null where it does not say.',
    example: 'noeviction',
  })
  policy?: string | null;

  /**
   * Of `memory-policy`: what to set.
   * @example "Set maxmemory-policy to noeviction."
   */
  warning?: string;

  /**
   * Of `schedules`: jobs whose next time should have been planned a while ago.
   * @example 0
   */
  overdueJobs?: number;

  /**
   * Of `schedules`: times without a run that the last audit of ledgers found.
   * @example 0
   */
  missingTimes?: number;

  /**
   * Of `audit`: broken promises that the last audit of runs found.
   * @example 0
   */
  violations?: number;

  @ApiPropertyOptional({
    type: 'string',
    format: 'date-time',
    nullable: true,
    description: 'Of `schedules` and `audit`: when their last audit ended; null before the first.',
  })
  lastAuditAt?: Date | null;
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
