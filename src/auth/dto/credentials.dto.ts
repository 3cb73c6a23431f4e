import { IsBoolean, IsOptional, IsString, MaxLength } from 'class-validator';
import { IsEmailAddress, IsNewPassword, IsPersonName } from './account-fields.js';

export class RegisterDto {
  /**
   * Spaces around it and capitals do not matter.
   * @example "ada@example.com"
   */
  @IsEmailAddress()
  email!: string;

  /**
   * At least 8 characters, at most 72 bytes in UTF-8, and none of those that are tried first.
   * @example "correct horse battery staple"
   */
  @IsNewPassword()
  password!: string;

  /**
   * What to call the person.
   * @example "Ada Lovelace"
   */
  @IsPersonName()
  name!: string;

  /**
   * Token of an invite, where registering needs one.
   * @example "iv_5kHqQ0m3b8XyT1n7Zc2vLw9sRj4dGf6aUe0pKiOxMhA"
   */
  @IsOptional()
  @IsString()
  @MaxLength(100)
  invite?: string;
}

export class LoginDto {
  /** @example "ada@example.com" */
  @IsString()
  @MaxLength(320)
  email!: string;

  /** @example "correct horse battery staple" */
  @IsString()
  @MaxLength(1_000)
  password!: string;
}

export class RefreshDto {
  /** @example "rt_5kHqQ0m3b8XyT1n7Zc2vLw9sRj4dGf6aUe0pKiOxMhA" */
  @IsString()
  @MaxLength(100)
  refresh_token!: string;
}

export class LogoutDto {
  /**
   * Every login of the account, not only this one.
   * @example false
   */
  @IsOptional()
  @IsBoolean()
  all?: boolean;
}
