import { Controller, Get, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Access } from '../../http/decorators/access.decorator.js';
import { ApiPage } from '../../http/decorators/api-page.decorator.js';
import { ApiProblems } from '../../http/decorators/api-problems.decorator.js';
import type { Page } from '../../kernel/page.js';
import { AdminJobQueryDto } from '../dto/job-query.dto.js';
import { JobDto } from '../dto/job.dto.js';
import { JobQueries } from '../services/job-queries.js';

@ApiTags('admin')
@Access({ scope: 'admin:read', role: 'admin' })
@Controller('admin/jobs')
export class AdminJobsController {
  constructor(private readonly queries: JobQueries) {}

  /**
   * List everybody's jobs
   *
   * @remarks Newest first. All filters must hold.
   */
  @Get()
  @ApiPage(JobDto)
  @ApiProblems(400)
  async list(@Query() query: AdminJobQueryDto): Promise<Page<JobDto>> {
    const { data, meta } = await this.queries.list(query.userId ?? null, query, query);
    return { data: data.map((job) => JobDto.of(job)), meta };
  }
}
