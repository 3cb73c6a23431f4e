import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsString, Length, Validate, ValidatorConstraint } from 'class-validator';
import type { ValidationArguments, ValidatorConstraintInterface } from 'class-validator';
import { ApiProperty } from '@nestjs/swagger';
import { IsVisibleLine } from '../../http/decorators/visible-line.decorator.js';
import { isDay, maxCalendarDays, maxListedDays } from '../domain/calendar.js';
import type { Listed } from '../../kernel/listed.js';
import { truncated } from '../../http/dto/truncated.js';
import type { CalendarView } from '../domain/calendar.js';

const maxNameLength = 200;

@ValidatorConstraint({ name: 'isDay' })
class IsDay implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    return isDay(value);
  }

  defaultMessage({ property }: ValidationArguments): string {
    return `${property} must hold dates of the calendar, YYYY-MM-DD`;
  }
}

const days = {
  type: 'array',
  items: { type: 'string', format: 'date' },
  example: ['2030-12-25', '2030-12-26'],
} as const;

/** A calendar as it is written. */
export class WriteCalendarDto {
  /**
   * Unique among your calendars.
   * @example "Public holidays"
   */
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.trim() : value))
  @IsString()
  @Length(1, maxNameLength)
  @IsVisibleLine()
  name!: string;

  @ApiProperty({ ...days, maxItems: maxCalendarDays, description: 'Local dates: each job reads them in its timezone.' })
  @IsArray()
  @ArrayMaxSize(maxCalendarDays)
  @Validate(IsDay, { each: true })
  days!: string[];
}

/** A list of local dates on which the jobs that name it do not run. */
export class CalendarDto {
  /** @example "0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a14" */
  id!: string;

  /** @example "Public holidays" */
  name!: string;

  @ApiProperty({ ...days, description: 'Sorted.' })
  days!: string[];

  @ApiProperty({
    ...truncated,
    description: `Names what a list does not show whole: \`days\` of more than ${maxListedDays}. GET /calendars/:id has all.`,
  })
  truncated!: string[];

  /**
   * Rises with each change; the ETag.
   * @example 1
   */
  version!: number;

  /**
   * Unfinished jobs that use the calendar and that its latest change has not reached yet. They run as before until it does, which
   * takes seconds; 0: the change is in force for all.
   * @example 0
   */
  @ApiProperty({ type: 'integer' })
  jobsWaiting!: number;

  createdAt!: Date;

  updatedAt!: Date;

  static of({ userId: _userId, changing: _changing, ...shown }: CalendarView | Listed<CalendarView>): CalendarDto {
    return { truncated: [], ...shown };
  }
}
