import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Param, Post, Put } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import { Access } from '../../http/decorators/access.decorator.js';
import { Audited } from '../../http/decorators/audited.decorator.js';
import { ApiProblems } from '../../http/decorators/api-problems.decorator.js';
import { CurrentUser } from '../../http/decorators/current-user.decorator.js';
import type { Principal } from '../../kernel/principal.js';
import { namePattern } from '../domain/secret.js';
import { CreateSecretDto, ReplaceSecretDto, SecretDto, SecretsDto } from '../dto/secret.dto.js';
import { Secrets } from '../services/secrets.js';
import { SecretNamePipe } from './secret-name.pipe.js';

const named = {
  name: 'name',
  description: 'Name of the secret.',
  schema: { type: 'string', pattern: namePattern.source, example: 'billing-token' },
} as const;

@ApiTags('secrets')
@Controller('secrets')
export class SecretsController {
  constructor(private readonly secrets: Secrets) {}

  /**
   * Store a secret
   *
   * @remarks A payload may contain `{ "$secret": "name" }` wherever a text is allowed. The worker inserts the value right before each attempt. No answer ever contains the value. 409 when you already have a secret of this name: `PUT` replaces its value.
   */
  @Access({ scope: 'secrets:write' })
  @Audited('secret.created', 'secret')
  @Post()
  @ApiCreatedResponse({ description: 'The secret, without its value.', type: SecretDto })
  @ApiProblems(400, 409, 413, 415, 503)
  async create(@Body() { name, value }: CreateSecretDto, @CurrentUser() { userId }: Principal): Promise<SecretDto> {
    return SecretDto.of(await this.secrets.create(userId, name, value));
  }

  /**
   * List your secrets
   *
   * @remarks All your secrets, ordered by name, without their values. There are no pages: a user has at most `SECRETS_PER_USER` secrets.
   */
  @Access({ scope: 'secrets:read' })
  @Get()
  @ApiOkResponse({ description: 'The secrets.', type: SecretsDto })
  @ApiProblems(503)
  async list(@CurrentUser() { userId }: Principal): Promise<SecretsDto> {
    return { data: (await this.secrets.list(userId)).map((secret) => SecretDto.of(secret)) };
  }

  /**
   * Replace a secret's value
   *
   * @remarks Attempts that start from now on get the new value. Jobs that refer to the secret need no change.
   */
  @Access({ scope: 'secrets:write' })
  @Audited('secret.replaced', 'secret')
  @Put(':name')
  @ApiParam(named)
  @ApiOkResponse({ description: 'The secret, without its value.', type: SecretDto })
  @ApiProblems(400, 404, 409, 413, 415, 503)
  async replace(
    @Param('name', SecretNamePipe) name: string,
    @Body() { value }: ReplaceSecretDto,
    @CurrentUser() { userId }: Principal,
  ): Promise<SecretDto> {
    return SecretDto.of(await this.secrets.replace(userId, name, value));
  }

  /**
   * Delete a secret
   *
   * @remarks The secret is deleted at once and cannot be restored. A run that still refers to it fails without a retry.
   */
  @Access({ scope: 'secrets:write' })
  @Audited('secret.deleted', 'secret')
  @Delete(':name')
  @ApiParam(named)
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiNoContentResponse({ description: 'Deleted.' })
  @ApiProblems(400, 404, 503)
  async delete(@Param('name', SecretNamePipe) name: string, @CurrentUser() { userId }: Principal): Promise<void> {
    await this.secrets.delete(userId, name);
  }
}
