import { Controller, Get, HttpCode, HttpStatus, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import { Access } from '../../http/decorators/access.decorator.js';
import { ApiPage } from '../../http/decorators/api-page.decorator.js';
import { ApiProblems } from '../../http/decorators/api-problems.decorator.js';
import { Audited } from '../../http/decorators/audited.decorator.js';
import { PageQueryDto } from '../../http/dto/page-query.dto.js';
import { IdPipe } from '../../http/validation/id.pipe.js';
import { NumberPipe } from '../../http/validation/number.pipe.js';
import type { Page } from '../../kernel/page.js';
import { ExecutionDto, LogLineDto, RunDto } from '../dto/run.dto.js';
import { RunQueries } from '../services/run-queries.js';

/** Runs of anybody's jobs, for admins. */
@ApiTags('admin')
@Controller('admin/runs/:id')
export class AdminRunsController {
  constructor(private readonly queries: RunQueries) {}

  /**
   * Read anybody's run
   *
   * @remarks Where it stands and why.
   */
  @Access({ scope: 'admin:read', role: 'admin' })
  @Get()
  @ApiOkResponse({ description: 'The run.', type: RunDto })
  @ApiProblems(400, 404)
  async get(@Param('id', IdPipe) id: string): Promise<RunDto> {
    return RunDto.of(await this.queries.get(id, null));
  }

  /**
   * List the executions of anybody's run
   *
   * @remarks Its attempts, the latest first.
   */
  @Access({ scope: 'admin:read', role: 'admin' })
  @Get('executions')
  @ApiPage(ExecutionDto)
  @ApiProblems(400, 404)
  async executions(@Param('id', IdPipe) id: string, @Query() query: PageQueryDto): Promise<Page<ExecutionDto>> {
    const { data, meta } = await this.queries.executionsOfRun(id, null, query);
    return { data: data.map((execution) => ExecutionDto.of(execution)), meta };
  }

  /**
   * Read an execution of anybody's run
   *
   * @remarks As `GET /runs/{id}/executions/{attemptNumber}`.
   */
  @Access({ scope: 'admin:read', role: 'admin' })
  @Get('executions/:attemptNumber')
  @ApiParam({ name: 'attemptNumber', schema: { type: 'integer', minimum: 1, example: 1 } })
  @ApiOkResponse({ description: 'The execution.', type: ExecutionDto })
  @ApiProblems(400, 404)
  async execution(
    @Param('id', IdPipe) id: string,
    @Param('attemptNumber', NumberPipe) attemptNumber: number,
  ): Promise<ExecutionDto> {
    return ExecutionDto.of(await this.queries.execution(id, attemptNumber, null));
  }

  /**
   * Read the log of anybody's run
   *
   * @remarks The oldest first.
   */
  @Access({ scope: 'admin:read', role: 'admin' })
  @Get('logs')
  @ApiPage(LogLineDto)
  @ApiProblems(400, 404)
  logs(@Param('id', IdPipe) id: string, @Query() query: PageQueryDto): Promise<Page<LogLineDto>> {
    return this.queries.logsOfRun(id, null, query);
  }

  /**
   * Cancel anybody's run
   *
   * @remarks One that waits ends at once; one that is running is told to stop. The job's other runs go on.
   */
  @Access({ role: 'admin' })
  @Audited('run.cancelled', 'run')
  @Post('cancel')
  @HttpCode(HttpStatus.OK)
  @ApiOkResponse({ description: 'The run.', type: RunDto })
  @ApiProblems(400, 404, 409, 503)
  async cancel(@Param('id', IdPipe) id: string): Promise<RunDto> {
    return RunDto.of(await this.queries.cancel(id, null));
  }
}
