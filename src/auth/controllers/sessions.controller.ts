import { Controller, Delete, Get, HttpCode, HttpStatus, Param } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Access, accountOnly } from '../../http/decorators/access.decorator.js';
import { ApiProblems } from '../../http/decorators/api-problems.decorator.js';
import { Audited } from '../../http/decorators/audited.decorator.js';
import { CurrentUser } from '../../http/decorators/current-user.decorator.js';
import { IdPipe } from '../../http/validation/id.pipe.js';
import type { Principal } from '../../kernel/principal.js';
import { SessionDto, SessionsDto } from '../dto/session.dto.js';
import { SessionsService } from '../services/sessions.service.js';

@ApiTags('auth')
@Access(accountOnly)
@Controller('auth/sessions')
export class SessionsController {
  constructor(private readonly sessions: SessionsService) {}

  /**
   * List your logins
   *
   * @remarks Those that can still be refreshed, the latest used first; at most a hundred.
   */
  @Get()
  @ApiOkResponse({ description: 'The logins.', type: SessionsDto })
  @ApiProblems(503)
  async list(@CurrentUser() { userId, credentialId }: Principal): Promise<SessionsDto> {
    const sessions = await this.sessions.list(userId);
    return { data: sessions.map((session) => SessionDto.of(session, credentialId)) };
  }

  /**
   * End a login
   *
   * @remarks Its tokens stop working, on other processes within five seconds.
   */
  @Audited('session.ended', 'session')
  @Delete(':id')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiNoContentResponse({ description: 'Ended.' })
  @ApiProblems(400, 404, 503)
  async end(@Param('id', IdPipe) id: string, @CurrentUser() { userId }: Principal): Promise<void> {
    await this.sessions.end(id, userId);
  }
}
