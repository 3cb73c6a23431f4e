import { Body, Controller, Get, Param, Patch, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Access } from '../../http/decorators/access.decorator.js';
import { ApiPage } from '../../http/decorators/api-page.decorator.js';
import { ApiProblems } from '../../http/decorators/api-problems.decorator.js';
import { Audited } from '../../http/decorators/audited.decorator.js';
import { IdPipe } from '../../http/validation/id.pipe.js';
import type { Page } from '../../kernel/page.js';
import { ChangeRoleDto, ChangeUserDto, UserQueryDto } from '../dto/administration.dto.js';
import { UserDto } from '../dto/user.dto.js';
import { UserAdministrationService } from '../services/user-administration.service.js';

@ApiTags('admin')
@Access({ role: 'admin' })
@Controller('admin/users')
export class AdminUsersController {
  constructor(private readonly administration: UserAdministrationService) {}

  /**
   * List users
   *
   * @remarks The newest first. All filters must hold.
   */
  @Get()
  @ApiPage(UserDto)
  @ApiProblems(400)
  async list(@Query() query: UserQueryDto): Promise<Page<UserDto>> {
    const { data, meta } = await this.administration.list(query, query);
    return { data: data.map((user) => UserDto.of(user)), meta };
  }

  /**
   * Change a user's role
   *
   * @remarks Their logins end: they log in again with the new role. 409 for the last active admin.
   */
  @Audited('user.role_changed', 'user')
  @Patch(':id/role')
  @ApiOkResponse({ description: 'The user.', type: UserDto })
  @ApiProblems(400, 404, 409, 413, 415, 503)
  async setRole(@Param('id', IdPipe) id: string, @Body() { role }: ChangeRoleDto): Promise<UserDto> {
    return UserDto.of(await this.administration.setRole(id, role));
  }

  /**
   * Disable or enable a user
   *
   * @remarks One who is disabled cannot log in; their logins end and their API keys stop working. Their jobs are paused (`pauseReason` `account_disabled`): none of their runs starts once this is answered; what runs may end. Enabling resumes within seconds those that it had paused, as each one’s `catchup` says. 409 for the last active admin.
   */
  @Audited('user.activity_changed', 'user')
  @Patch(':id')
  @ApiOkResponse({ description: 'The user.', type: UserDto })
  @ApiProblems(400, 404, 409, 413, 415, 503)
  async setActive(@Param('id', IdPipe) id: string, @Body() { isActive }: ChangeUserDto): Promise<UserDto> {
    return UserDto.of(await this.administration.setActive(id, isActive));
  }
}
