import { ApiProperty } from '@nestjs/swagger';
import { IsString, Matches } from 'class-validator';
import { maxValueBytes, minValueBytes, namePattern, nameRule } from '../domain/secret.js';
import type { Secret } from '../domain/secret.js';

export class ReplaceSecretDto {
  @ApiProperty({
    description: `Text of ${minValueBytes} to ${maxValueBytes} bytes in UTF-8. It is stored encrypted, and no answer contains it.`,
    writeOnly: true,
    example: 'Bearer 6f1c9ab2-not-a-real-token',
  })
  // `checkValue` checks the length, in bytes, and its message does not repeat the value.
  @IsString()
  value!: string;
}

export class CreateSecretDto extends ReplaceSecretDto {
  @ApiProperty({
    description: `The name by which payloads refer to the secret, as in \`{ "$secret": "billing-token" }\`: ${nameRule}. Unique among your secrets.`,
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
   * Version of the key that encrypts the value. It changes when the operator rotates the key.
   * @example 1
   */
  keyVersion!: number;

  createdAt!: Date;

  @ApiProperty({ type: 'string', format: 'date-time', description: 'When the value was last replaced.' })
  updatedAt!: Date;

  @ApiProperty({
    type: 'string',
    format: 'date-time',
    nullable: true,
    description: 'When an attempt last used the secret, to the minute; null when none has.',
  })
  lastUsedAt!: Date | null;

  static of({ id, name, keyVersion, createdAt, updatedAt, lastUsedAt }: Secret): SecretDto {
    return { id, name, keyVersion, createdAt, updatedAt, lastUsedAt };
  }
}

export class SecretsDto {
  data!: SecretDto[];
}
