import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsDate, IsIn, IsOptional, IsString, Length } from 'class-validator';
import { IsVisibleLine } from '../../http/decorators/visible-line.decorator.js';
import { scopes } from '../../kernel/principal.js';
import type { Scope } from '../../kernel/principal.js';
import type { ApiKey } from '../domain/api-key.js';

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/i;

/** Reads RFC 3339 with an offset. Anything else stays text, which `@IsDate()` then refuses. */
const Instant = () =>
  Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && instant.test(value) ? new Date(value) : value,
  );

export class CreateApiKeyDto {
  /**
   * What the key is for.
   * @example "Nightly import"
   */
  @IsString()
  @Length(1, 100)
  @IsVisibleLine()
  name!: string;

  @ApiProperty({ enum: scopes, isArray: true, example: ['jobs:read', 'jobs:write'], description: 'What it may do.' })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(scopes.length)
  @IsIn(scopes, { each: true })
  scopes!: Scope[];

  /**
   * When it stops working; by default never.
   * @example "2036-01-01T00:00:00Z"
   */
  @IsOptional()
  @Instant()
  @IsDate({ message: '$property must be an RFC 3339 time such as 2030-01-31T09:00:00Z' })
  expiresAt?: Date;
}

/** An API key, without the key. */
export class ApiKeyDto {
  /** @example "0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a13" */
  id!: string;

  /** @example "Nightly import" */
  name!: string;

  @ApiProperty({ enum: scopes, isArray: true, example: ['jobs:read', 'jobs:write'] })
  scopes!: readonly Scope[];

  /**
   * What the key begins with.
   * @example "pk_0198c0de7c1e7b7e9d0a3f1f5b0f2a13"
   */
  prefix!: string;

  /**
   * The last characters of the key.
   * @example "xMhA"
   */
  hint!: string;

  @ApiProperty({ type: 'string', format: 'date-time', nullable: true, description: 'Null never expires.' })
  expiresAt!: Date | null;

  @ApiProperty({ type: 'string', format: 'date-time', nullable: true, description: 'To the minute.' })
  lastUsedAt!: Date | null;

  createdAt!: Date;

  static of({ id, name, scopes: allowed, hint, expiresAt, lastUsedAt, createdAt }: ApiKey): ApiKeyDto {
    const prefix = `pk_${id.replaceAll('-', '')}`;
    return { id, name, scopes: allowed, prefix, hint, expiresAt, lastUsedAt, createdAt };
  }
}

export class NewApiKeyDto extends ApiKeyDto {
  /**
   * The key itself, shown only here.
   * @example "pk_0198c0de7c1e7b7e9d0a3f1f5b0f2a13_5kHqQ0m3b8XyT1n7Zc2vLw9sRj4dGf6aUe0pKiOxMhA"
   */
  key!: string;

  static ofNew(key: ApiKey & { text: string }): NewApiKeyDto {
    return Object.assign(ApiKeyDto.of(key), { key: key.text });
  }
}
