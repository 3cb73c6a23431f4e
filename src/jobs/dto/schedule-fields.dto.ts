import { ApiPropertyOptional } from '@nestjs/swagger';
import { Allow } from 'class-validator';
import { RawJson } from '../../http/decorators/raw-json.decorator.js';
import { applyDecorators } from '@nestjs/common';
import type { ApiPropertyOptions } from '@nestjs/swagger';
import { RECURRENCE_PATTERNS } from '../../schedules/domain/index.js';

/** A field that the schedule's own parser checks: it knows what the others say, and points to the column. */
const ScheduleField = (options: ApiPropertyOptions) =>
  applyDecorators(ApiPropertyOptional(options), Allow(), RawJson());

/** When a job runs. docs/schedules.md says all of it. */
export class ScheduleFieldsDto {
  @ScheduleField({
    type: String,
    description:
      'RFC 3339 with an offset, or a local date-time read in `timezone`. A one-time job without it is due now; for a recurring one it is the first time.',
    example: '2030-01-31T09:00:00Z',
  })
  scheduledAt?: unknown;

  @ScheduleField({ enum: RECURRENCE_PATTERNS, description: 'Steps by the calendar from the first time.' })
  recurrencePattern?: unknown;

  @ScheduleField({
    oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' }, maxItems: 20 }],
    description:
      'One or more lines of 5 fields, or 6 with seconds first; names, `L`, `W`, `#`, `H` and macros such as `@daily`.',
    example: ['0 9 * * MON-FRI'],
  })
  cron?: unknown;

  @ScheduleField({ type: Number, description: 'Elapsed time between two runs in ms.', example: 60000 })
  intervalMs?: unknown;

  @ScheduleField({ type: String, description: 'The same as an ISO 8601 duration.', example: 'PT15M' })
  every?: unknown;

  @ScheduleField({
    type: String,
    description:
      'What intervals and patterns are counted from. Default: the submission; in a change that keeps the step, what it was counted from.',
  })
  anchorAt?: unknown;

  @ScheduleField({ type: String, description: 'IANA name. Default: UTC.', example: 'Europe/Berlin' })
  timezone?: unknown;

  @ScheduleField({ type: String, description: 'No nominal time before it.' })
  startsAt?: unknown;

  @ScheduleField({ type: String, description: 'No nominal time after it.' })
  endsAt?: unknown;

  @ScheduleField({ type: Number, description: 'The job is completed after this many runs.' })
  maxRuns?: unknown;

  @ScheduleField({
    type: 'array',
    items: { type: 'string', format: 'date' },
    description: 'Local dates on which nothing runs: their times end as `skipped: calendar`.',
    example: ['2030-12-25'],
  })
  excludeDates?: unknown;

  @ScheduleField({ type: 'array', items: { type: 'string' }, description: 'Ids of shared calendars of blackout days.' })
  calendars?: unknown;

  @ScheduleField({
    type: 'object',
    properties: {
      gap: { type: 'string', enum: ['next_valid', 'skip'] },
      overlap: { type: 'string', enum: ['first', 'both'] },
    },
    description: 'What a fixed time does where the clocks change. Default: next_valid, first.',
  })
  dst?: unknown;

  @ScheduleField({
    type: Number,
    description: 'Each run is due up to this many ms after its nominal time, always the same for the same time.',
  })
  jitterMs?: unknown;
}
