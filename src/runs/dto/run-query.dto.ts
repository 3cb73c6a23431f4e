import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMinSize, IsDate, IsIn, IsOptional } from 'class-validator';
import { PageQueryDto } from '../../http/dto/page-query.dto.js';
import { Instant } from '../../jobs/dto/job-query.dto.js';
import { runOrders } from '../domain/run-filter.js';
import type { RunFilter, RunOrder } from '../domain/run-filter.js';
import { runReasons, runTriggers } from '../domain/run.js';
import type { RunReason, RunTrigger } from '../domain/run.js';
import { runStates } from '../domain/run-state.js';
import type { RunState } from '../domain/run-state.js';

const notATime = { message: '$property must be an RFC 3339 time such as 2030-01-31T09:00:00Z' };

/** Reads a query parameter that may be given several times, or once with commas. */
const Several = () =>
  Transform(({ value }: { value: unknown }) =>
    (Array.isArray(value) ? (value as unknown[]) : [value]).flatMap((one) =>
      typeof one === 'string' ? one.split(',') : [one],
    ),
  );

const oneOf = (words: readonly string[]) => ({ each: true, message: `$property must be among: ${words.join(', ')}` });
const several = { isArray: true, description: 'One or more: repeated, or with commas between them.' } as const;

export class RunQueryDto extends PageQueryDto {
  @ApiPropertyOptional({ ...several, enum: runStates, example: ['failed', 'missed'] })
  @IsOptional()
  @Several()
  @ArrayMinSize(1)
  @IsIn(runStates, oneOf(runStates))
  state?: RunState[];

  @ApiPropertyOptional({ ...several, enum: runTriggers, example: ['schedule'] })
  @IsOptional()
  @Several()
  @ArrayMinSize(1)
  @IsIn(runTriggers, oneOf(runTriggers))
  trigger?: RunTrigger[];

  @ApiPropertyOptional({ ...several, enum: runReasons, example: ['attempts_exhausted'] })
  @IsOptional()
  @Several()
  @ArrayMinSize(1)
  @IsIn(runReasons, oneOf(runReasons))
  reason?: RunReason[];

  /**
   * Nominal time at or after this.
   * @example "2026-01-01T00:00:00Z"
   */
  @IsOptional()
  @Instant()
  @IsDate(notATime)
  from?: Date;

  /**
   * Nominal time before this. With it, runs that lie ahead are shown too.
   * @example "2036-01-01T00:00:00Z"
   */
  @IsOptional()
  @Instant()
  @IsDate(notATime)
  to?: Date;

  /** By nominal time: `desc`, the latest first, or `asc`. */
  @ApiPropertyOptional({ enum: runOrders, default: 'desc' })
  @IsIn(runOrders)
  order: RunOrder = 'desc';

  /** What has not come is not asked for, unless by its state or by a range. */
  get filter(): RunFilter {
    const { state, trigger, reason, from, to, order } = this;
    const hasCome = to === undefined && !state?.includes('scheduled');
    return {
      order,
      hasCome,
      ...(state && { states: state }),
      ...(trigger && { triggers: trigger }),
      ...(reason && { reasons: reason }),
      ...(from && { from }),
      ...(to && { to }),
    };
  }
}
