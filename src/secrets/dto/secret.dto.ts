import { ApiProperty } from '@nestjs/swagger';
import { IsString, Matches } from 'class-validator';
import { maxValueBytes, minValueBytes, namePattern, nameRule } from '../domain/secret.js';
import type { Secret } from '../domain/secret.js';

export class ReplaceSecretDto {
  @ApiProperty({
    description: `Text of ${minValueBytes} to ${maxValueBytes} bytes in UTF-8. Kept encrypted, and never answered.`,
    writeOnly: true,
    example: 'Bearer 6f1c9ab2-not-a-real-token',
  })
  // Its length is checked in bytes, by a message that does not repeat it.
  @IsString()
  value!: string;
}

export class CreateSecretDto extends ReplaceSecretDto {
  @ApiProperty({
    description: `How payloads refer to it, as in \`{ "$secret": "billing-token" }\`: ${nameRule}. Unique among your secrets.`,
    pattern: namePattern.source,
    example: 'billing-token',
  })
  @Matches(namePattern, { message: `name must be ${nameRule}` })
  name!: string;
}

/** A secret, without its value. */
export class SecretDto {
  /** @example "0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a19" */
  id!: string;

  /** @example "billing-token" */
  name!: string;

  /**
   * Of the key that it is encrypted with; rises when the operator has changed the key.
   * @example 1
   */
  keyVersion!: number;

  createdAt!: Date;

  @ApiProperty({ type: 'string', format: 'date-time', description: 'When its value was last replaced.' })
  updatedAt!: Date;

  @ApiProperty({
    type: 'string',
    format: 'date-time',
    nullable: true,
    description: 'When an attempt last took it, to the minute; null when none has.',
  })
  lastUsedAt!: Date | null;

  static of({ id, name, keyVersion, createdAt, updatedAt, lastUsedAt }: Secret): SecretDto {
    return { id, name, keyVersion, createdAt, updatedAt, lastUsedAt };
  }
}

export class SecretsDto {
  data!: SecretDto[];
}
