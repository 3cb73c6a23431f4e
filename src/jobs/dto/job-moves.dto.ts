import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Allow, IsDate, IsDefined, IsObject, IsOptional, IsString, MaxLength } from 'class-validator';
import { RawJson } from '../../http/decorators/raw-json.decorator.js';
import type { JsonObject } from '../../kernel/json.js';
import { Instant } from './job-query.dto.js';

const notATime = { message: '$property must be an RFC 3339 time such as 2030-01-31T09:00:00Z' };

export class RescheduleJobDto {
  @ApiProperty({
    type: String,
    description: 'RFC 3339 with an offset, or a local date-time read in the job’s timezone.',
    example: '2030-01-31T09:00:00Z',
  })
  @IsDefined()
  @Allow()
  @RawJson()
  scheduledAt!: unknown;
}

export class PauseJobDto {
  /**
   * Why, for whoever looks later.
   * @example "The shop is being moved"
   */
  @IsOptional()
  @IsString()
  @MaxLength(500)
  note?: string;

  /**
   * When it resumes by itself.
   * @example "2030-01-31T09:00:00Z"
   */
  @IsOptional()
  @Instant()
  @IsDate(notATime)
  until?: Date;
}

export class TriggerJobDto {
  /** Replaces the job's payload in this run; an API key needs `jobs:write` for it. */
  @ApiPropertyOptional({ type: 'object', additionalProperties: true, example: { dryRun: true } })
  @IsOptional()
  @RawJson()
  @IsObject()
  payload?: JsonObject;

  /**
   * The time that the run stands for. Default: now.
   * @example "2026-01-31T09:00:00Z"
   */
  @IsOptional()
  @Instant()
  @IsDate(notATime)
  nominalAt?: Date;
}
