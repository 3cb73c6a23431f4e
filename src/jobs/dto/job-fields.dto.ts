import { Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';
import { ApiProperty } from '@nestjs/swagger';
import { RawJson } from '../../http/decorators/raw-json.decorator.js';
import type { JsonObject } from '../../kernel/json.js';
import { lostPolicies } from '../domain/job.js';
import type { LostPolicy } from '../domain/job.js';
import { catchupModes, overlapPolicies } from '../domain/policies.js';
import type { CatchupMode, OverlapPolicy } from '../domain/policies.js';
import { ScheduleFieldsDto } from './schedule-fields.dto.js';

const maxDelayMs = 86_400_000;

export class CatchupDto {
  /** `latest` makes up the newest passed time, `all` up to `max` of them, `none` none. */
  @IsOptional()
  @IsIn(catchupModes)
  mode?: CatchupMode;

  /**
   * How long after its nominal time a passed run may still start, in ms. Default: one interval or an hour, whichever is longer.
   * @example 3600000
   */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(31_536_000_000)
  windowMs?: number | null;

  /**
   * The most passed times that mode `all` makes up, the newest first.
   * @example 100
   */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000)
  max?: number;
}

/** Everything about a job but its name and its type. All of it has defaults. */
export class JobFieldsDto extends ScheduleFieldsDto {
  /** @example "Asks the shop for yesterday's orders" */
  @IsOptional()
  @IsString()
  @MaxLength(2_000)
  description?: string | null;

  /**
   * What does the work: `log` (the default), `http`, `email`, or one that this deployment has registered.
   * @example "http"
   */
  @IsOptional()
  @IsString()
  @Length(1, 50)
  handler?: string;

  /**
   * What the handler is given; each handler says what it takes (docs/handlers.md). `{ "$secret": "name" }` in place of a text
   * stands for a stored secret.
   */
  @ApiProperty({ type: 'object', additionalProperties: true, example: { url: 'http://127.0.0.1:3000/health/live' } })
  @IsOptional()
  @RawJson()
  @IsObject()
  payload?: JsonObject;

  /** What happens to a time that comes while an earlier run has not ended. Default: skip. */
  @IsOptional()
  @IsIn(overlapPolicies)
  overlapPolicy?: OverlapPolicy;

  /** What happens to times that passed while nothing could start them, or while the job was paused. */
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => CatchupDto)
  catchup?: CatchupDto;

  /** Pause after this many failed runs in a row. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000)
  pauseAfterFailures?: number | null;

  /**
   * Attempts after the first. Default: 3 (MAX_RETRY_ATTEMPTS).
   * @example 3
   */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(100)
  maxRetries?: number;

  /** Wait before the first retry in ms, at most RETRY_MAX_DELAY_MS; it doubles with each further one, up to that. Default: RETRY_DELAY_MS. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(maxDelayMs)
  retryDelayMs?: number | null;

  /** Time limit of one attempt in ms. Default: JOB_TIMEOUT_MS. */
  @IsOptional()
  @IsInt()
  @Min(100)
  @Max(maxDelayMs)
  timeoutMs?: number | null;

  /** What a lost attempt means, one whose worker died: try again, or stop and let a person look. Default: the handler's. */
  @IsOptional()
  @IsIn(lostPolicies)
  onLost?: LostPolicy | null;

  /** Whether you are mailed when a run has failed for good. Default: NOTIFY_ON_FAILURE. */
  @IsOptional()
  @IsBoolean()
  notifyOnFailure?: boolean | null;
}
