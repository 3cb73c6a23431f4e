import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsObject,
  IsOptional,
  IsString,
  Length,
  ValidateNested,
} from 'class-validator';
import { IsVisibleLine } from '../../http/decorators/visible-line.decorator.js';
import { jobTypes } from '../domain/job.js';
import type { JobType } from '../domain/job.js';
import { JobFieldsDto } from './job-fields.dto.js';

const maxNameLength = 200;

/** A job as it is submitted. */
export class SubmitJobDto extends JobFieldsDto {
  /**
   * One line with a visible character and no control characters.
   * @example "Fetch orders"
   */
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value))
  @IsString()
  @Length(1, maxNameLength)
  @IsVisibleLine()
  name!: string;

  /** @example "one_time" */
  @IsIn(jobTypes)
  type!: JobType;
}

/** A change: what is absent stays, null takes a field back to its default. */
export class ChangeJobDto extends JobFieldsDto {
  /**
   * One line with a visible character and no control characters.
   * @example "Fetch orders"
   */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value))
  @IsString()
  @Length(1, maxNameLength)
  @IsVisibleLine()
  name?: string;

  /** Only the type that the job has. */
  @IsOptional()
  @IsIn(jobTypes)
  type?: JobType;
}

export class SubmitJobsDto {
  /** 1 to 1,000 jobs: all of them are created, or none. */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(1_000)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => SubmitJobDto)
  jobs!: SubmitJobDto[];
}
