import { Body, Controller, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiTags } from '@nestjs/swagger';
import { Access } from '../../http/decorators/access.decorator.js';
import { ApiProblems } from '../../http/decorators/api-problems.decorator.js';
import { CurrentUser } from '../../http/decorators/current-user.decorator.js';
import type { Principal } from '../../kernel/principal.js';
import { CreateInviteDto, InviteDto } from '../dto/administration.dto.js';
import { InvitesService } from '../services/invites.service.js';

@ApiTags('admin')
@Access({ role: 'admin' })
@Controller('admin/invites')
export class AdminInvitesController {
  constructor(private readonly invites: InvitesService) {}

  /**
   * Invite somebody
   *
   * @remarks The token lets one person register while `REGISTRATION` is `invite`. It is shown in this answer and never again.
   */
  @Post()
  @ApiCreatedResponse({ description: 'The invite. Pass its token on now.', type: InviteDto })
  @ApiProblems(400, 413, 415, 503)
  async create(@Body() { email, hours }: CreateInviteDto, @CurrentUser() { userId }: Principal): Promise<InviteDto> {
    return InviteDto.of(await this.invites.create(userId, email ?? null, hours));
  }
}
