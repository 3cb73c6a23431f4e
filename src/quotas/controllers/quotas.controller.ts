import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Access, accountOnly } from '../../http/decorators/access.decorator.js';
import { ApiProblems } from '../../http/decorators/api-problems.decorator.js';
import { CurrentUser } from '../../http/decorators/current-user.decorator.js';
import type { Principal } from '../../kernel/principal.js';
import { QuotasDto } from '../dto/quotas.dto.js';
import { QuotaAdministrationService } from '../services/quota-administration.service.js';

@ApiTags('auth')
@Access(accountOnly)
@Controller('auth/quotas')
export class QuotasController {
  constructor(private readonly administration: QuotaAdministrationService) {}

  /**
   * What may I use, and what do I?
   *
   * @remarks Each quota with how much of it is used. What is beyond one is refused with 409 (`liveJobs`), 413 (`payloadBytes`) or 429 (`submissionsPerMinute`); mails beyond theirs are sent later, or fail.
   */
  @Get()
  @ApiOkResponse({ description: 'Your quotas.', type: QuotasDto })
  @ApiProblems(503)
  async mine(@CurrentUser() { userId }: Principal): Promise<QuotasDto> {
    return QuotasDto.of(await this.administration.of(userId));
  }
}
