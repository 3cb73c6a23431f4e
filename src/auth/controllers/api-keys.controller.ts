import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiTags } from '@nestjs/swagger';
import { Access, accountOnly } from '../../http/decorators/access.decorator.js';
import { ApiPage } from '../../http/decorators/api-page.decorator.js';
import { ApiProblems } from '../../http/decorators/api-problems.decorator.js';
import { Audited } from '../../http/decorators/audited.decorator.js';
import { CurrentUser } from '../../http/decorators/current-user.decorator.js';
import { PageQueryDto } from '../../http/dto/page-query.dto.js';
import { IdPipe } from '../../http/validation/id.pipe.js';
import type { Page } from '../../kernel/page.js';
import type { Principal } from '../../kernel/principal.js';
import { ApiKeyDto, CreateApiKeyDto, NewApiKeyDto } from '../dto/api-key.dto.js';
import { ApiKeysService } from '../services/api-keys.service.js';

@ApiTags('auth')
@Access(accountOnly)
@Controller('auth/api-keys')
export class ApiKeysController {
  constructor(private readonly keys: ApiKeysService) {}

  /**
   * Create an API key
   *
   * @remarks For programs: sent as `X-API-Key`, or as a bearer token. The key is shown in this answer and never again. 409 when you have `API_KEYS_PER_USER` of them.
   */
  @Audited('api_key.created', 'api_key')
  @Post()
  @ApiCreatedResponse({ description: 'The key. Keep it now.', type: NewApiKeyDto })
  @ApiProblems(400, 403, 409, 413, 415, 503)
  async create(@Body() body: CreateApiKeyDto, @CurrentUser() principal: Principal): Promise<NewApiKeyDto> {
    const wanted = { name: body.name, scopes: body.scopes, expiresAt: body.expiresAt ?? null };
    return NewApiKeyDto.ofNew(await this.keys.create(principal, wanted));
  }

  /**
   * List your API keys
   *
   * @remarks The newest first, without the keys themselves.
   */
  @Get()
  @ApiPage(ApiKeyDto)
  @ApiProblems(400, 503)
  async list(@Query() query: PageQueryDto, @CurrentUser() { userId }: Principal): Promise<Page<ApiKeyDto>> {
    const { data, meta } = await this.keys.list(userId, query);
    return { data: data.map((key) => ApiKeyDto.of(key)), meta };
  }

  /**
   * Delete an API key
   *
   * @remarks It stops working, on other processes within five seconds.
   */
  @Audited('api_key.deleted', 'api_key')
  @Delete(':id')
  @HttpCode(HttpStatus.NO_CONTENT)
  @ApiNoContentResponse({ description: 'Deleted.' })
  @ApiProblems(400, 404, 503)
  async delete(@Param('id', IdPipe) id: string, @CurrentUser() { userId }: Principal): Promise<void> {
    await this.keys.delete(id, userId);
  }
}
