import { Body, Controller, HttpCode, HttpStatus, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Access, accountOnly } from '../../http/decorators/access.decorator.js';
import { ApiProblems } from '../../http/decorators/api-problems.decorator.js';
import { Audited } from '../../http/decorators/audited.decorator.js';
import { CurrentUser } from '../../http/decorators/current-user.decorator.js';
import { Limited } from '../../http/decorators/limited.decorator.js';
import { Public } from '../../http/decorators/public.decorator.js';
import type { Principal } from '../../kernel/principal.js';
import type { Client } from '../domain/session.js';
import { LoginDto, LogoutDto, RefreshDto, RegisterDto } from '../dto/credentials.dto.js';
import { LoggedInDto, RefreshedDto } from '../dto/session.dto.js';
import { AuthService } from '../services/auth.service.js';
import { SessionsService } from '../services/sessions.service.js';
import { FromClient } from './client.decorator.js';

@ApiTags('auth')
@Controller('auth')
export class AuthController {
  constructor(
    private readonly auth: AuthService,
    private readonly sessions: SessionsService,
  ) {}

  /**
   * Register
   *
   * @remarks Makes an account and logs it in. The password is kept as a bcrypt hash only. 403 where registering is closed or needs an invite.
   */
  @Public()
  @Limited('registration')
  @Audited('user.registered', 'user', 'auth.registration_refused')
  @Post('register')
  @ApiCreatedResponse({ description: 'The account, and tokens for it.', type: LoggedInDto })
  @ApiProblems(400, 403, 409, 413, 415, 429, 503)
  async register(@Body() body: RegisterDto, @FromClient() client: Client): Promise<LoggedInDto> {
    return LoggedInDto.of(await this.auth.register(body, client));
  }

  /**
   * Log in
   *
   * @remarks One answer, equally late, for an unknown e-mail, a wrong password and a disabled account.
   */
  @Public()
  @Audited('session.opened', 'session', 'auth.login_refused')
  @Post('login')
  @HttpCode(HttpStatus.OK)
  @ApiOkResponse({ description: 'The account, and new tokens for it.', type: LoggedInDto })
  @ApiProblems(400, 401, 413, 415, 429, 503)
  async login(@Body() { email, password }: LoginDto, @FromClient() client: Client): Promise<LoggedInDto> {
    return LoggedInDto.of(await this.auth.login(email, password, client));
  }

  /**
   * Refresh the tokens
   *
   * @remarks Each refresh token works once and is replaced by the one in the answer; repeated within 20 seconds, the same answer's token comes again. One that was used before ends the login: it may have been stolen.
   */
  @Public()
  @Audited('session.refreshed', 'session', 'auth.refresh_refused')
  @Post('refresh')
  @HttpCode(HttpStatus.OK)
  @ApiOkResponse({ description: 'New tokens.', type: RefreshedDto })
  @ApiProblems(400, 401, 413, 415, 503)
  async refresh(@Body() { refresh_token }: RefreshDto): Promise<RefreshedDto> {
    return RefreshedDto.of(await this.sessions.refresh(refresh_token));
  }

  /**
   * Log out
   *
   * @remarks Ends this login, or with `all` every login of the account. Its tokens stop working, on other processes within five seconds. API keys go on.
   */
  @Access(accountOnly)
  @Audited('session.logged_out', 'session')
  @Post('logout')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiNoContentResponse({ description: 'Logged out.' })
  @ApiProblems(400, 413, 415, 503)
  async logout(@Body() { all }: LogoutDto, @CurrentUser() { userId, credentialId }: Principal): Promise<void> {
    await (all ? this.sessions.endAll(userId) : this.sessions.end(credentialId, userId));
  }
}
