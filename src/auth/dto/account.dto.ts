import { IsString, MaxLength, ValidateIf } from 'class-validator';
import { IsEmailAddress, IsNewPassword, IsPersonName } from './account-fields.js';

const maxPassword = 1_000;
/** Absent is fine, null is not: there is no profile without it. */
const IsGiven = () => ValidateIf((_: unknown, value: unknown) => value !== undefined);

export class ChangeProfileDto {
  /** @example "Ada King" */
  @IsGiven()
  @IsPersonName()
  name?: string;

  /**
   * Needs `currentPassword`.
   * @example "ada.king@example.com"
   */
  @IsGiven()
  @IsEmailAddress()
  email?: string;

  /** @example "correct horse battery staple" */
  @IsGiven()
  @IsString()
  @MaxLength(maxPassword)
  currentPassword?: string;
}

export class ChangePasswordDto {
  /** @example "correct horse battery staple" */
  @IsString()
  @MaxLength(maxPassword)
  currentPassword!: string;

  /**
   * At least 8 characters, at most 72 bytes in UTF-8, and none of those that are tried first.
   * @example "wrong donkey charger paperclip"
   */
  @IsNewPassword()
  newPassword!: string;
}

export class DeleteAccountDto {
  /** @example "correct horse battery staple" */
  @IsString()
  @MaxLength(maxPassword)
  password!: string;
}
