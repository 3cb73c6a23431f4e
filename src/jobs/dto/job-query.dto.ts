import { Transform } from 'class-transformer';
import { IsDate, IsIn, IsOptional, IsString, IsUUID, Length } from 'class-validator';
import { PageQueryDto } from '../../http/dto/page-query.dto.js';
import { jobTypes } from '../domain/job.js';
import type { JobFilter, JobType } from '../domain/job.js';
import { jobStatuses } from '../domain/job-status.js';
import type { JobStatus } from '../domain/job-status.js';
import { parseInstant } from '../../schedules/domain/index.js';

/** Reads RFC 3339 with an offset. Anything else stays text, which `@IsDate()` then refuses. */
export const Instant = () =>
  Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? (parseInstant(value) ?? value) : value));

const notATime = { message: '$property must be an RFC 3339 time such as 2030-01-31T09:00:00Z' };

export class JobQueryDto extends PageQueryDto implements JobFilter {
  @IsOptional()
  @IsIn(jobStatuses)
  status?: JobStatus;

  @IsOptional()
  @IsIn(jobTypes)
  type?: JobType;

  /** @example "http" */
  @IsOptional()
  @IsString()
  @Length(1, 50)
  handler?: string;

  /**
   * Created at or after.
   * @example "2026-01-01T00:00:00Z"
   */
  @IsOptional()
  @Instant()
  @IsDate(notATime)
  fromDate?: Date;

  /**
   * Created at or before.
   * @example "2036-01-01T00:00:00Z"
   */
  @IsOptional()
  @Instant()
  @IsDate(notATime)
  toDate?: Date;

  /**
   * Text in the name or the description, in any case.
   * @example "orders"
   */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  search?: string;
}

/** The same for administrators, who see everybody's. */
export class AdminJobQueryDto extends JobQueryDto {
  /**
   * Only the jobs of this user.
   * @example "0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a10"
   */
  @IsOptional()
  @IsUUID()
  userId?: string;
}
