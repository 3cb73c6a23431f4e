import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsDate, IsInt, IsOptional, IsUUID, Max, Min } from 'class-validator';
import { WholeNumber } from '../../http/dto/page-query.dto.js';
import type { PreviewedTime, RuleOutcome, SchedulePreview } from '../../schedules/domain/index.js';
import type { ClockChangeDryRun, ScheduleWarning } from '../../schedules/domain/index.js';
import { Instant } from './job-query.dto.js';
import { ScheduleFieldsDto } from './schedule-fields.dto.js';

const maxCount = 100;
const notATime = { message: '$property must be an RFC 3339 time such as 2030-01-31T09:00:00Z' };

/** A schedule to look at: the schedule fields of a recurring job, and which of its times to show. */
export class PreviewScheduleDto extends ScheduleFieldsDto {
  /**
   * Times strictly after it are shown, as if the schedule were submitted then. Default: now.
   * @example "2030-03-30T00:00:00Z"
   */
  @IsOptional()
  @Instant()
  @IsDate(notATime)
  from?: Date;

  /** How many nominal times at most. */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(maxCount)
  count: number = 10;

  @ApiPropertyOptional({
    format: 'uuid',
    description: 'A job of yours whose `H` and jitter are shown. Without it they are those of an example.',
  })
  @IsOptional()
  @IsUUID()
  jobId?: string;
}

/** `?count=&from=` */
export class NextRunsQueryDto {
  /**
   * How many nominal times at most.
   * @example 10
   */
  @WholeNumber()
  @IsInt()
  @Min(1)
  @Max(maxCount)
  count: number = 10;

  /**
   * Times strictly after it are shown. Default: now.
   * @example "2030-03-30T00:00:00Z"
   */
  @IsOptional()
  @Instant()
  @IsDate(notATime)
  from?: Date;
}

/** One nominal time to come. */
export class NextRunDto {
  /** The instant that the schedule names. */
  nominalAt!: Date;

  /** The nominal time plus jitter: when it may start. */
  dueAt!: Date;

  /**
   * The nominal time in the schedule's zone, with the offset in force.
   * @example "2030-03-31T03:00:00+02:00"
   */
  localTime!: string;

  /** @example "2030-03-31T03:00:00+02:00" */
  dueLocalTime!: string;

  /**
   * What names it, whether a clock change moved it, and what keeps it from running.
   * @example "cron \"30 2 * * *\": 2030-03-31T02:30:00 does not exist, moved to the first instant after the gap"
   */
  reason!: string;

  /** Whether it ends as `skipped: calendar`. */
  suppressed!: boolean;

  /** Whether, by the usual duration, the run before it will not have ended. */
  predictedOverlap!: boolean;

  static of(time: PreviewedTime & { predictedOverlap?: boolean }): NextRunDto {
    const { nominalAt, dueAt, localTime, dueLocalTime, reason, suppressed, predictedOverlap = false } = time;
    return { nominalAt, dueAt, localTime, dueLocalTime, reason, suppressed: suppressed !== null, predictedOverlap };
  }
}

export class ClockChangeTimeDto {
  nominalAt!: Date;

  /** @example "2030-03-31T03:00:00+02:00" */
  localTime!: string;

  /** @example "cron \"30 2 * * *\"" */
  reason!: string;
}

export class ClockChangeOutcomeDto {
  /** @example "next_valid" */
  rule!: string;

  /** Whether the schedule has this rule. */
  applies!: boolean;

  @ApiProperty({ type: () => [ClockChangeTimeDto] })
  times!: ClockChangeTimeDto[];

  static of({ rule, applies, times }: RuleOutcome): ClockChangeOutcomeDto {
    return {
      rule,
      applies,
      times: times.map(({ nominalAt, localTime, reason }) => ({ nominalAt, localTime, reason })),
    };
  }
}

/** A clock change of the zone, and what the schedule does around it under each rule. */
export class ClockChangeDto {
  at!: Date;

  @ApiProperty({ enum: ['gap', 'overlap'] })
  kind!: 'gap' | 'overlap';

  /** @example 3600000 */
  sizeMs!: number;

  /** @example "2030-03-31T02:00:00" */
  localBefore!: string;

  /** @example "2030-03-31T03:00:00" */
  localAfter!: string;

  /** @example "+01:00" */
  offsetBefore!: string;

  /** @example "+02:00" */
  offsetAfter!: string;

  /** Larger than three hours: no rule applies. */
  calendarCorrection!: boolean;

  /** Whether the rules lead to different times. */
  rulesDiffer!: boolean;

  @ApiProperty({ type: () => [ClockChangeOutcomeDto] })
  outcomes!: ClockChangeOutcomeDto[];

  static of(change: ClockChangeDryRun): ClockChangeDto {
    return { ...change, outcomes: change.outcomes.map((outcome) => ClockChangeOutcomeDto.of(outcome)) };
  }
}

/** Something that is allowed, and often not what was meant. */
export class ScheduleWarningDto {
  /** @example "either_day_field" */
  code!: string;

  /** @example "/cron/0" */
  pointer!: string;

  /** @example "either of day of month 1 and day of week MON suffices, as in every cron" */
  detail!: string;

  /** @example "two lines say the same more plainly" */
  suggestion!: string;
}

/** What a schedule will do. */
export class SchedulePreviewDto {
  /** @example "Europe/Berlin" */
  timezone!: string;

  @ApiProperty({ type: () => [NextRunDto] })
  nextRuns!: NextRunDto[];

  /** The next two clock changes of the zone. */
  @ApiProperty({ type: () => [ClockChangeDto] })
  clockChanges!: ClockChangeDto[];

  @ApiProperty({ type: () => [ScheduleWarningDto] })
  warnings!: ScheduleWarning[];

  static of({ timezone, nextRuns, clockChanges, warnings }: SchedulePreview): SchedulePreviewDto {
    return {
      timezone,
      nextRuns: nextRuns.map((time) => NextRunDto.of(time)),
      clockChanges: clockChanges.map((change) => ClockChangeDto.of(change)),
      warnings,
    };
  }
}
