import { ApiProperty } from '@nestjs/swagger';
import { IsDate, IsOptional } from 'class-validator';
import { Instant } from '../../../jobs/dto/job-query.dto.js';
import { rowlessOutcomes } from '../domain/ledger.js';
import type { LedgerOutcome, LedgerRow } from '../domain/ledger.js';
import { runStates } from '../../domain/run-state.js';
import type { RunState } from '../../domain/run-state.js';
import type { RangedLedger } from '../services/ledgers.js';

const notATime = { message: '$property must be an RFC 3339 time such as 2030-01-31T09:00:00Z' };

/** `?from=&to=` */
export class LedgerQueryDto {
  /**
   * Inclusive. Default: a day before `to`.
   * @example "2030-01-01T00:00:00Z"
   */
  @IsOptional()
  @Instant()
  @IsDate(notATime)
  from?: Date;

  /**
   * Exclusive. Default: now.
   * @example "2030-01-02T00:00:00Z"
   */
  @IsOptional()
  @Instant()
  @IsDate(notATime)
  to?: Date;
}

/** A row whose time no version of the schedule names. */
export class UnexpectedRowDto {
  @ApiProperty({ format: 'uuid' })
  runId!: string;

  nominalAt!: Date;

  @ApiProperty({ enum: runStates })
  state!: RunState;

  @ApiProperty({ type: String, nullable: true, example: 'completed' })
  reason!: string | null;

  static of({ runId, nominalAt, state, reason }: LedgerRow): UnexpectedRowDto {
    return { runId, nominalAt, state, reason };
  }
}

/** What a job's schedule named in a range, set against what became of it. */
export class LedgerDto {
  from!: Date;

  to!: Date;

  /**
   * Nominal times that the schedule names in the range.
   * @example 1440
   */
  expected!: number;

  /**
   * Those that have a row, lie ahead, or wait for the paused job.
   * @example 1440
   */
  accountedFor!: number;

  @ApiProperty({
    type: 'object',
    description:
      'How many times ended, or are, in each state; without a row yet: `toCome`, `paused` (with those that were planned before the pause and have not started), and `unplanned`, which have passed and wait for the ticker. `pruned`: the row was older than history is kept, and is gone.',
    properties: Object.fromEntries(
      [...runStates, ...rowlessOutcomes].map((outcome) => [outcome, { type: 'integer', example: 0 }]),
    ),
  })
  byOutcome!: Record<LedgerOutcome, number>;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'The last nominal time up to which rows may have been pruned; null when all are kept.',
    example: null,
  })
  prunedUntil!: Date | null;

  @ApiProperty({
    type: 'array',
    items: { type: 'string', format: 'date-time' },
    description: 'Times that were planned and have no row: gaps. The first hundred.',
  })
  missing!: Date[];

  /** @example 0 */
  missingCount!: number;

  @ApiProperty({ type: () => [UnexpectedRowDto], description: 'Rows that no schedule names. The first hundred.' })
  unexpected!: UnexpectedRowDto[];

  /** @example 0 */
  unexpectedCount!: number;

  /** @example "accounted for: 1440 of 1440" */
  summary!: string;

  static of(ledger: RangedLedger): LedgerDto {
    return { ...ledger, unexpected: ledger.unexpected.map((row) => UnexpectedRowDto.of(row)) };
  }
}
