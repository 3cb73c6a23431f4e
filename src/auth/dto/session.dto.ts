import { ApiProperty } from '@nestjs/swagger';
import type { Session } from '../domain/session.js';
import type { Login } from '../services/sessions.service.js';
import { UserDto } from './user.dto.js';

export class RefreshedDto {
  /**
   * Send it as `Authorization: Bearer <access_token>`.
   * @example "eyJhbGciOiJIUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIwMTk4YzBkZSJ9.c2lnbmF0dXJl"
   */
  access_token!: string;

  /**
   * For `POST /auth/refresh`; works once.
   * @example "rt_5kHqQ0m3b8XyT1n7Zc2vLw9sRj4dGf6aUe0pKiOxMhA"
   */
  refresh_token!: string;

  /**
   * Seconds that the access token works.
   * @example 900
   */
  expires_in!: number;

  static of({ accessToken, refreshToken, expiresIn }: Login): RefreshedDto {
    return { access_token: accessToken, refresh_token: refreshToken, expires_in: expiresIn };
  }
}

export class LoggedInDto extends RefreshedDto {
  user!: UserDto;

  static override of(login: Login): LoggedInDto {
    return Object.assign(RefreshedDto.of(login), { user: UserDto.of(login.user) });
  }
}

/** A login that can still be refreshed. */
export class SessionDto {
  /** @example "0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a12" */
  id!: string;

  /**
   * Whether it is the one of this request.
   * @example true
   */
  current!: boolean;

  @ApiProperty({ type: String, nullable: true, example: '203.0.113.7', description: 'From where it was opened.' })
  address!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'curl/8.5.0' })
  userAgent!: string | null;

  createdAt!: Date;

  /** When it was opened or last refreshed. */
  lastUsedAt!: Date;

  /** It ends then unless it is refreshed before. */
  expiresAt!: Date;

  static of(session: Session, currentId: string): SessionDto {
    const { id, address, userAgent, createdAt, lastUsedAt, expiresAt } = session;
    return { id, current: id === currentId, address, userAgent, createdAt, lastUsedAt, expiresAt };
  }
}

export class SessionsDto {
  data!: SessionDto[];
}
