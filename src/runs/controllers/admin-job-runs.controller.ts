import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Access } from '../../http/decorators/access.decorator.js';
import { ApiPage } from '../../http/decorators/api-page.decorator.js';
import { ApiProblems } from '../../http/decorators/api-problems.decorator.js';
import { PageQueryDto } from '../../http/dto/page-query.dto.js';
import { IdPipe } from '../../http/validation/id.pipe.js';
import type { Page } from '../../kernel/page.js';
import { RunQueryDto } from '../dto/run-query.dto.js';
import { ExecutionDto, LogLineDto, RunDto } from '../dto/run.dto.js';
import { RunQueries } from '../services/run-queries.js';

/** What happened to anybody's job, as its owner sees it. */
@ApiTags('admin')
@Access({ scope: 'admin:read', role: 'admin' })
@Controller('admin/jobs/:id')
export class AdminJobRunsController {
  constructor(private readonly queries: RunQueries) {}

  /**
   * List the runs of anybody's job
   *
   * @remarks As `GET /jobs/{id}/runs`.
   */
  @Get('runs')
  @ApiPage(RunDto)
  @ApiProblems(400, 404)
  async runs(@Param('id', IdPipe) id: string, @Query() query: RunQueryDto): Promise<Page<RunDto>> {
    const { data, meta } = await this.queries.ofJob(id, null, query.filter, query);
    return { data: data.map((run) => RunDto.of(run)), meta };
  }

  /**
   * List the executions of anybody's job
   *
   * @remarks Every attempt of every run, the latest first.
   */
  @Get('executions')
  @ApiPage(ExecutionDto)
  @ApiProblems(400, 404)
  async executions(@Param('id', IdPipe) id: string, @Query() query: PageQueryDto): Promise<Page<ExecutionDto>> {
    const { data, meta } = await this.queries.executionsOfJob(id, null, query);
    return { data: data.map((execution) => ExecutionDto.of(execution)), meta };
  }

  /**
   * Read the log of anybody's job
   *
   * @remarks The oldest first.
   */
  @Get('logs')
  @ApiPage(LogLineDto)
  @ApiProblems(400, 404)
  logs(@Param('id', IdPipe) id: string, @Query() query: PageQueryDto): Promise<Page<LogLineDto>> {
    return this.queries.logsOfJob(id, null, query);
  }
}
