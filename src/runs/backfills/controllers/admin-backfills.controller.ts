import { Controller, Get, HttpCode, HttpStatus, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Access } from '../../../http/decorators/access.decorator.js';
import { ApiProblems } from '../../../http/decorators/api-problems.decorator.js';
import { Audited } from '../../../http/decorators/audited.decorator.js';
import { IdPipe } from '../../../http/validation/id.pipe.js';
import { BackfillDto } from '../dto/backfill.dto.js';
import { Backfills } from '../services/backfills.js';

/** Backfills of anybody's jobs, for admins. */
@ApiTags('admin')
@Controller('admin/backfills/:id')
export class AdminBackfillsController {
  constructor(private readonly backfills: Backfills) {}

  /**
   * Read anybody's backfill
   *
   * @remarks How far it is, counted from its runs.
   */
  @Access({ scope: 'admin:read', role: 'admin' })
  @Get()
  @ApiOkResponse({ description: 'The backfill.', type: BackfillDto })
  @ApiProblems(400, 404)
  async get(@Param('id', IdPipe) id: string): Promise<BackfillDto> {
    return BackfillDto.of(await this.backfills.get(id, null));
  }

  /**
   * Cancel anybody's backfill
   *
   * @remarks Its runs that wait end as `cancelled: backfill_cancelled`, one that is running goes on. 409 when it has ended.
   */
  @Access({ role: 'admin' })
  @Audited('backfill.cancelled', 'backfill')
  @Post('cancel')
  @HttpCode(HttpStatus.OK)
  @ApiOkResponse({ description: 'The backfill.', type: BackfillDto })
  @ApiProblems(400, 404, 409, 503)
  async cancel(@Param('id', IdPipe) id: string): Promise<BackfillDto> {
    return BackfillDto.of(await this.backfills.cancel(id, null));
  }
}
