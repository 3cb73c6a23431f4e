import { anyNumber } from '../../../http/openapi/exact-schemas.js';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsDate, IsIn, IsOptional } from 'class-validator';
import { Instant } from '../../../jobs/dto/job-query.dto.js';
import { backfillPolicies, backfillStates } from '../domain/backfill.js';
import type { BackfillPolicy, BackfillState, ListedBackfill } from '../domain/backfill.js';

const notATime = { message: '$property must be an RFC 3339 time such as 2030-01-31T09:00:00Z' };

export class StartBackfillDto {
  /**
   * Inclusive.
   * @example "2026-01-01T00:00:00Z"
   */
  @Instant()
  @IsDate(notATime)
  from!: Date;

  /**
   * Exclusive; not after now.
   * @example "2026-01-02T00:00:00Z"
   */
  @Instant()
  @IsDate(notATime)
  to!: Date;

  @ApiPropertyOptional({
    enum: backfillPolicies,
    description:
      '`buffer_all`: one after the other, and after the job’s other runs. `allow_all`: several at once beside them. Default: as the job’s own policy.',
  })
  @IsOptional()
  @IsIn(backfillPolicies)
  overlapPolicy?: BackfillPolicy;
}

/** A past range of nominal times that is made up. */
export class BackfillDto {
  /** @example "0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a15" */
  id!: string;

  @ApiProperty({ format: 'uuid' })
  jobId!: string;

  from!: Date;

  to!: Date;

  @ApiProperty({ enum: backfillPolicies })
  overlapPolicy!: BackfillPolicy;

  @ApiProperty({ enum: backfillStates })
  state!: BackfillState;

  /**
   * Nominal times that it makes up.
   * @example 24
   */
  total!: number;

  /**
   * Runs created so far; they have the trigger `backfill`.
   * @example 12
   */
  created!: number;

  /** @example 1 */
  waiting!: number;

  /** @example 1 */
  running!: number;

  /** @example 9 */
  succeeded!: number;

  /** @example 1 */
  failed!: number;

  /** @example 0 */
  cancelled!: number;

  @ApiProperty({ ...anyNumber, description: 'Share of the total that has ended, from 0 to 1.', example: 0.4167 })
  progress!: number;

  createdAt!: Date;

  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  endedAt!: Date | null;

  static of({ counts, ...backfill }: ListedBackfill): BackfillDto {
    const of = (...states: (keyof typeof counts)[]): number =>
      states.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
    const created = Object.values(counts).reduce((sum, count) => sum + count, 0);
    const ended = created - of('scheduled', 'running', 'retrying');
    return {
      id: backfill.id,
      jobId: backfill.jobId,
      from: backfill.rangeFrom,
      to: backfill.rangeTo,
      overlapPolicy: backfill.overlapPolicy,
      state: backfill.state,
      total: backfill.total,
      created,
      waiting: of('scheduled', 'retrying'),
      running: of('running'),
      succeeded: of('succeeded'),
      failed: of('failed'),
      cancelled: of('cancelled'),
      progress: Math.round((ended / backfill.total) * 10_000) / 10_000,
      createdAt: backfill.createdAt,
      endedAt: backfill.endedAt,
    };
  }
}
