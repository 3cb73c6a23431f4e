import { Body, Controller, Get, Param, Patch } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Access } from '../../http/decorators/access.decorator.js';
import { Audited } from '../../http/decorators/audited.decorator.js';
import { ApiProblems } from '../../http/decorators/api-problems.decorator.js';
import { IdPipe } from '../../http/validation/id.pipe.js';
import { ChangeQuotasDto, QuotasDto } from '../dto/quotas.dto.js';
import { QuotaAdministrationService } from '../services/quota-administration.service.js';

@ApiTags('admin')
@Access({ role: 'admin' })
@Controller('admin/users/:id/quotas')
export class AdminQuotasController {
  constructor(private readonly administration: QuotaAdministrationService) {}

  /**
   * See a user's quotas
   *
   * @remarks Each with how much of it is used, and whether it is the default.
   */
  @Get()
  @ApiOkResponse({ description: 'The quotas.', type: QuotasDto })
  @ApiProblems(400, 404, 503)
  async read(@Param('id', IdPipe) id: string): Promise<QuotasDto> {
    return QuotasDto.of(await this.administration.of(id));
  }

  /**
   * Change a user's quotas
   *
   * @remarks 0 is no limit, null takes the default, and what is not named stays. What a user has beyond a lower quota stays, too. Other processes follow within five seconds.
   */
  @Patch()
  @Audited('user.quotas_changed', 'user')
  @ApiOkResponse({ description: 'The quotas.', type: QuotasDto })
  @ApiProblems(400, 404, 413, 415, 503)
  async change(@Param('id', IdPipe) id: string, @Body() body: ChangeQuotasDto): Promise<QuotasDto> {
    return QuotasDto.of(await this.administration.change(id, body));
  }
}
