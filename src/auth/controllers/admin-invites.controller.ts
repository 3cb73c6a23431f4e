import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import { Access } from '../../http/decorators/access.decorator.js';
import { ApiPage } from '../../http/decorators/api-page.decorator.js';
import { ApiProblems } from '../../http/decorators/api-problems.decorator.js';
import { Audited } from '../../http/decorators/audited.decorator.js';
import { CurrentUser } from '../../http/decorators/current-user.decorator.js';
import { PageQueryDto } from '../../http/dto/page-query.dto.js';
import { IdPipe } from '../../http/validation/id.pipe.js';
import type { Page } from '../../kernel/page.js';
import type { Principal } from '../../kernel/principal.js';
import { CreateInviteDto, InviteDto, OpenInviteDto } from '../dto/administration.dto.js';
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
  @Audited('invite.created', 'invite')
  @Post()
  @ApiCreatedResponse({ description: 'The invite. Pass its token on now.', type: InviteDto })
  @ApiProblems(400, 413, 415, 503)
  async create(@Body() { email, hours }: CreateInviteDto, @CurrentUser() { userId }: Principal): Promise<InviteDto> {
    return InviteDto.of(await this.invites.create(userId, email ?? null, hours));
  }

  /**
   * List invites
   *
   * @remarks Those that can still be used, newest first, without their tokens.
   */
  @Get()
  @ApiPage(OpenInviteDto)
  @ApiProblems(400, 503)
  async list(@Query() query: PageQueryDto): Promise<Page<OpenInviteDto>> {
    const { data, meta } = await this.invites.list(query);
    return { data: data.map((invite) => OpenInviteDto.of(invite)), meta };
  }

  /**
   * Revoke an invite
   *
   * @remarks Its token stops working. 404 when it has been used or has expired.
   */
  @Delete(':id')
  @Audited('invite.revoked', 'invite')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiNoContentResponse({ description: 'Revoked.' })
  @ApiProblems(400, 404, 503)
  async revoke(@Param('id', IdPipe) id: string): Promise<void> {
    await this.invites.revoke(id);
  }
}
