import { ApiProperty } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import { PageQueryDto } from '../../http/dto/page-query.dto.js';
import { userRoles } from '../../users/domain/user.js';
import type { UserFilter, UserRole } from '../../users/domain/user.js';
import type { Invite, OpenInvite } from '../domain/invite.js';
import { IsEmailAddress } from './account-fields.js';

/** Reads a query parameter as a truth value. Anything else stays text, which `@IsBoolean()` then refuses. */
const Truth = () =>
  Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value));

export class UserQueryDto extends PageQueryDto implements UserFilter {
  @ApiProperty({ enum: userRoles, required: false })
  @IsOptional()
  @IsIn(userRoles)
  role?: UserRole;

  /**
   * Whether they may log in.
   * @example true
   */
  @IsOptional()
  @Truth()
  @IsBoolean()
  isActive?: boolean;

  /**
   * Text in the e-mail or the name, in any case.
   * @example "ada"
   */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  search?: string;
}

export class ChangeRoleDto {
  @ApiProperty({ enum: userRoles, example: 'admin' })
  @IsIn(userRoles)
  role!: UserRole;
}

export class ChangeUserDto {
  /**
   * Whether they may log in, and their jobs run.
   * @example false
   */
  @IsBoolean()
  isActive!: boolean;
}

const week = 168;
const mostHours = 8_760;

export class CreateInviteDto {
  /**
   * Only who registers with it may use the invite; without it, anybody who has the token.
   * @example "grace@example.com"
   */
  @IsOptional()
  @IsEmailAddress()
  email?: string;

  /**
   * Hours until it expires.
   * @example 168
   */
  @IsInt()
  @Min(1)
  @Max(mostHours)
  hours: number = week;
}

export class InviteDto {
  /** @example "0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a14" */
  id!: string;

  /**
   * The `invite` of `POST /auth/register`, shown only here.
   * @example "iv_5kHqQ0m3b8XyT1n7Zc2vLw9sRj4dGf6aUe0pKiOxMhA"
   */
  token!: string;

  @ApiProperty({ type: String, nullable: true, example: 'grace@example.com' })
  email!: string | null;

  expiresAt!: Date;

  static of({ id, token, email, expiresAt }: Invite & { token: string }): InviteDto {
    return { id, token, email, expiresAt };
  }
}

export class OpenInviteDto {
  /** @example "0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a14" */
  id!: string;

  /** Only who registers with it may use the invite; null lets anybody who has the token. */
  @ApiProperty({ type: String, nullable: true, example: 'grace@example.com' })
  email!: string | null;

  /**
   * The admin who made it.
   * @example "0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a10"
   */
  createdBy!: string;

  createdAt!: Date;

  expiresAt!: Date;

  static of({ id, email, createdBy, createdAt, expiresAt }: OpenInvite): OpenInviteDto {
    return { id, email, createdBy, createdAt, expiresAt };
  }
}
