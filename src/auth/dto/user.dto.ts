import type { User, UserRole } from '../../users/domain/user.js';

export class UserDto {
  /** @example "0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a11" */
  id!: string;

  /** @example "ada@example.com" */
  email!: string;

  /** @example "Ada Lovelace" */
  name!: string;

  /** @example "user" */
  role!: UserRole;

  /**
   * Whether the person may log in.
   * @example true
   */
  isActive!: boolean;

  /** @example "2026-01-02T03:04:05.678Z" */
  createdAt!: Date;

  /** @example "2026-01-02T03:04:05.678Z" */
  updatedAt!: Date;

  static of({ id, email, name, role, isActive, createdAt, updatedAt }: User): UserDto {
    return { id, email, name, role, isActive, createdAt, updatedAt };
  }
}
