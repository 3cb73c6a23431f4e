import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Access } from '../../../http/decorators/access.decorator.js';
import { ApiPage } from '../../../http/decorators/api-page.decorator.js';
import { ApiProblems } from '../../../http/decorators/api-problems.decorator.js';
import { PageQueryDto } from '../../../http/dto/page-query.dto.js';
import { IdPipe } from '../../../http/validation/id.pipe.js';
import type { Page } from '../../../kernel/page.js';
import { BackfillDto } from '../dto/backfill.dto.js';
import { Backfills } from '../services/backfills.js';

/** Backfills of anybody's job, for admins. */
@ApiTags('admin')
@Access({ scope: 'admin:read', role: 'admin' })
@Controller('admin/jobs/:id')
export class AdminJobBackfillsController {
  constructor(private readonly made: Backfills) {}

  /**
   * List the backfills of anybody's job
   *
   * @remarks Newest first.
   */
  @Get('backfills')
  @ApiPage(BackfillDto)
  @ApiProblems(400, 404)
  async backfills(@Param('id', IdPipe) id: string, @Query() query: PageQueryDto): Promise<Page<BackfillDto>> {
    const { data, meta } = await this.made.ofJob(id, null, query);
    return { data: data.map((backfill) => BackfillDto.of(backfill)), meta };
  }
}
