import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Patch, Post } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Access, accountOnly } from '../../http/decorators/access.decorator.js';
import { ApiProblems } from '../../http/decorators/api-problems.decorator.js';
import { Audited } from '../../http/decorators/audited.decorator.js';
import { CurrentUser } from '../../http/decorators/current-user.decorator.js';
import { Limited } from '../../http/decorators/limited.decorator.js';
import type { Principal } from '../../kernel/principal.js';
import { ChangePasswordDto, ChangeProfileDto, DeleteAccountDto } from '../dto/account.dto.js';
import { UserDto } from '../dto/user.dto.js';
import { AccountsService } from '../services/accounts.service.js';

@ApiTags('auth')
@Access(accountOnly)
@Controller('auth')
export class AccountController {
  constructor(private readonly accounts: AccountsService) {}

  /**
   * Whose token is this?
   *
   * @remarks The account that the access token belongs to.
   */
  @Get('profile')
  @ApiOkResponse({ description: 'The account.', type: UserDto })
  @ApiProblems(401)
  async profile(@CurrentUser() { userId }: Principal): Promise<UserDto> {
    return UserDto.of(await this.accounts.profile(userId));
  }

  /**
   * Change the profile
   *
   * @remarks The name, or the e-mail; a new e-mail needs the current password, and counts as a registration from this address: 409 tells that somebody has it. After ten wrong ones in 15 minutes, on any route that asks for it, 429.
   */
  @Limited('email')
  @Audited('user.profile_changed', 'user')
  @Patch('profile')
  @ApiOkResponse({ description: 'The account.', type: UserDto })
  @ApiProblems(400, 403, 409, 413, 415, 503)
  async change(@Body() body: ChangeProfileDto, @CurrentUser() { userId }: Principal): Promise<UserDto> {
    return UserDto.of(await this.accounts.change(userId, body));
  }

  /**
   * Change the password
   *
   * @remarks Needs the current one. After ten wrong ones in 15 minutes, on any route that asks for it, 429. Every other login of the account ends; API keys go on.
   */
  @Audited('user.password_changed', 'user')
  @Post('change-password')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiNoContentResponse({ description: 'Changed.' })
  @ApiProblems(400, 403, 413, 415, 503)
  async changePassword(
    @Body() { currentPassword, newPassword }: ChangePasswordDto,
    @CurrentUser() principal: Principal,
  ): Promise<void> {
    await this.accounts.changePassword(principal, currentPassword, newPassword);
  }

  /**
   * Delete the account
   *
   * @remarks Needs the password. After ten wrong ones in 15 minutes, on any route that asks for it, 429. Its jobs are cancelled, its logins and API keys end, and nothing that names the person stays. The history of the jobs stays without an owner's name, unless this server is set to remove it. 409 for the last admin.
   */
  @Audited('user.deleted', 'user')
  @Delete('account')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiNoContentResponse({ description: 'Deleted.' })
  @ApiProblems(400, 403, 409, 413, 415, 503)
  async delete(@Body() { password }: DeleteAccountDto, @CurrentUser() { userId }: Principal): Promise<void> {
    await this.accounts.delete(userId, password);
  }
}
