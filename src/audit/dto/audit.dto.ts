import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsDate, IsIn, IsInt, IsOptional, IsString, IsUUID, Length, Matches, Max, Min } from 'class-validator';
import { WholeNumber } from '../../http/dto/page-query.dto.js';
import { defaultPageLimit, maxPageLimit } from '../../kernel/page.js';
import { auditOutcomes, credentials } from '../domain/audit-event.js';
import type { AuditEvent, AuditFilter, AuditOutcome, Credential, Target } from '../domain/audit-event.js';

const rfc3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})$/;

/** Reads RFC 3339 with an offset. Anything else, such as the 30th of February, stays text, which `@IsDate()` then refuses. */
const Instant = () =>
  Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && rfc3339.test(value) && isDay(value.slice(0, 10)) ? new Date(value) : value,
  );

function isDay(text: string): boolean {
  const day = new Date(text);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(text);
}

const notATime = { message: '$property must be an RFC 3339 time such as 2030-01-31T09:00:00Z' };

export class AuditQueryDto {
  /**
   * Only what this user did, or was refused; also one who has been deleted.
   * @example "0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a10"
   */
  @IsOptional()
  @IsUUID()
  userId?: string;

  /**
   * Only this action.
   * @example "job.created"
   */
  @IsOptional()
  @Matches(/^[a-z_]{1,40}\.[a-z_]{1,40}$/, { message: 'action must be a word such as job.created' })
  action?: string;

  /**
   * A kind, or a kind and an id: `job`, `job:0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a11`, `route:GET /admin/users`.
   * @example "job"
   */
  @IsOptional()
  @IsString()
  @Length(1, 300)
  @Matches(/^[a-z_]{1,40}(:[^]+)?$/, { message: 'target must be a kind such as job, or a kind and an id: job:0198…' })
  target?: string;

  /**
   * At or after.
   * @example "2026-01-01T00:00:00Z"
   */
  @IsOptional()
  @Instant()
  @IsDate(notATime)
  from?: Date;

  /**
   * Before.
   * @example "2036-01-01T00:00:00Z"
   */
  @IsOptional()
  @Instant()
  @IsDate(notATime)
  to?: Date;

  @ApiProperty({ enum: auditOutcomes, required: false })
  @IsOptional()
  @IsIn(auditOutcomes)
  outcome?: AuditOutcome;

  /**
   * Most events to answer with.
   * @example 20
   */
  @WholeNumber()
  @IsInt()
  @Min(1)
  @Max(maxPageLimit)
  limit: number = defaultPageLimit;

  /**
   * The `nextCursor` of an answer to the same filters: the list goes on after it. Empty starts at the latest.
   * @example ""
   */
  @IsOptional()
  @IsString()
  @Length(0, 200)
  cursor?: string;

  filter(): AuditFilter {
    const { userId, action, target, from, to, outcome } = this;
    const at = target?.indexOf(':') ?? -1;
    return {
      ...(userId !== undefined && { userId }),
      ...(action !== undefined && { action }),
      ...(target !== undefined && (at < 0 ? { targetKind: target } : splitAt(target, at))),
      ...(from && { from }),
      ...(to && { to }),
      ...(outcome !== undefined && { outcome }),
    };
  }
}

const splitAt = (target: string, at: number) => ({
  targetKind: target.slice(0, at),
  targetId: target.slice(at + 1),
});

export class AuditTargetDto implements Target {
  /** @example "job" */
  kind!: string;

  @ApiProperty({ type: String, nullable: true, example: '0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a11' })
  id!: string | null;
}

const sha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** Something that was done, or refused. */
export class AuditEventDto {
  /** @example "0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a15" */
  id!: string;

  /** By the database's clock. */
  at!: Date;

  @ApiProperty({ example: 'job.created', description: 'A stable word; docs/operations.md lists them.' })
  action!: string;

  @ApiProperty({ enum: auditOutcomes })
  outcome!: AuditOutcome;

  @ApiProperty({
    ...{ type: String, nullable: true, example: null },
    description: 'Of a refusal: the code that was answered.',
  })
  reason!: string | null;

  @ApiProperty({
    ...{ type: String, nullable: true, example: '0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a10' },
    description: 'Who; null when nobody had been proven. They may have been deleted since.',
  })
  userId!: string | null;

  @ApiProperty({ enum: credentials, description: 'What proved who it was.' })
  credential!: Credential;

  @ApiProperty({
    ...{ type: String, nullable: true, example: '0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a12' },
    description: 'Id of the session or the API key.',
  })
  credentialId!: string | null;

  @ApiProperty({ type: AuditTargetDto, nullable: true })
  target!: AuditTargetDto | null;

  @ApiProperty({
    ...{ type: String, nullable: true, example: null },
    description: 'SHA-256 of the canonical JSON of what it was, without secrets; null where there was nothing.',
  })
  before!: string | null;

  @ApiProperty({ type: String, nullable: true, example: sha256, description: 'The same of what it is now.' })
  after!: string | null;

  @ApiProperty({
    ...{ type: String, nullable: true, example: '203.0.113.7' },
    description: 'Of the client, as trusted proxies tell it.',
  })
  address!: string | null;

  @ApiProperty({
    ...{ type: String, nullable: true, example: '0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a16' },
    description: 'Finds the request in the server’s log.',
  })
  requestId!: string | null;

  /**
   * How many it stands for: jobs of a bulk submission, or equal refusals that were folded into one.
   * @example 1
   */
  count!: number;

  static of(event: AuditEvent): AuditEventDto {
    const { id, at, action, outcome, reason, userId, credential, credentialId } = event;
    const { target, before, after, address, requestId, count } = event;
    const who = { userId, credential, credentialId };
    return { id, at, action, outcome, reason, ...who, target, before, after, address, requestId, count };
  }
}

export class WalkMetaDto {
  /**
   * Most events that an answer holds.
   * @example 20
   */
  limit!: number;

  @ApiProperty({
    ...{ type: String, nullable: true, example: null },
    description: 'The `cursor` that asks for what comes next; null at the end.',
  })
  nextCursor!: string | null;
}

export class AuditEventsDto {
  data!: AuditEventDto[];

  meta!: WalkMetaDto;
}
