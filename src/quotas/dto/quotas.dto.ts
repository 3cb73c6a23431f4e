import { ApiProperty } from '@nestjs/swagger';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { maxQuota } from '../domain/quotas.js';
import type { QuotaUse, QuotaUses } from '../domain/quotas.js';

const Quota = () => (target: object, name: string | symbol) => {
  for (const rule of [IsOptional(), IsInt(), Min(0), Max(maxQuota)]) rule(target, name);
};

/** 0 is no limit; null takes the configured default; a quota that is not named stays. */
export class ChangeQuotasDto {
  @ApiProperty({ type: 'integer', nullable: true, minimum: 0, required: false, example: 1_000 })
  @Quota()
  liveJobs?: number | null;

  @ApiProperty({ type: 'integer', nullable: true, minimum: 0, required: false, example: 600 })
  @Quota()
  submissionsPerMinute?: number | null;

  @ApiProperty({ type: 'integer', nullable: true, minimum: 0, required: false, example: 65_536 })
  @Quota()
  payloadBytes?: number | null;

  @ApiProperty({ type: 'integer', nullable: true, minimum: 0, required: false, example: 50 })
  @Quota()
  mailsPerHour?: number | null;

  @ApiProperty({ type: 'integer', nullable: true, minimum: 0, required: false, example: null })
  @Quota()
  mailsPerDay?: number | null;
}

export class QuotaUseDto {
  /**
   * How much there may be; null is no limit.
   * @example 1000
   */
  @ApiProperty({ type: 'integer', nullable: true, example: 1_000 })
  allowed!: number | null;

  /** How much there is; null where nothing adds up or nothing is counted. */
  @ApiProperty({ type: 'integer', nullable: true, example: 12 })
  used!: number | null;

  /**
   * Whether it is the server's default rather than set for this user.
   * @example true
   */
  isDefault!: boolean;

  static of({ allowed, used, isDefault }: QuotaUse): QuotaUseDto {
    return { allowed: allowed === 0 ? null : allowed, used, isDefault };
  }
}

export class QuotasDto {
  /** Jobs that are not finished. */
  liveJobs!: QuotaUseDto;

  /** Jobs submitted in a minute; each one of a bulk counts. */
  submissionsPerMinute!: QuotaUseDto;

  /** Bytes of one job's payload, as JSON in UTF-8. */
  payloadBytes!: QuotaUseDto;

  /** Recipients of mails in the present clock hour. */
  mailsPerHour!: QuotaUseDto;

  /** Recipients of mails in the present clock hour and the 23 before it. */
  mailsPerDay!: QuotaUseDto;

  static of(uses: QuotaUses): QuotasDto {
    return {
      liveJobs: QuotaUseDto.of(uses.liveJobs),
      submissionsPerMinute: QuotaUseDto.of(uses.submissionsPerMinute),
      payloadBytes: QuotaUseDto.of(uses.payloadBytes),
      mailsPerHour: QuotaUseDto.of(uses.mailsPerHour),
      mailsPerDay: QuotaUseDto.of(uses.mailsPerDay),
    };
  }
}
