import { Controller, Get, HttpCode, HttpStatus, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import { Access } from '../../http/decorators/access.decorator.js';
import { ApiPage } from '../../http/decorators/api-page.decorator.js';
import { ApiProblems } from '../../http/decorators/api-problems.decorator.js';
import { Audited } from '../../http/decorators/audited.decorator.js';
import { CurrentUser } from '../../http/decorators/current-user.decorator.js';
import { PageQueryDto } from '../../http/dto/page-query.dto.js';
import { IdPipe } from '../../http/validation/id.pipe.js';
import { NumberPipe } from '../../http/validation/number.pipe.js';
import type { Principal } from '../../kernel/principal.js';
import type { Page } from '../../kernel/page.js';
import { ExecutionDto, LogLineDto, RunDto } from '../dto/run.dto.js';
import { RunQueries } from '../services/run-queries.js';

@ApiTags('runs')
@Controller('runs/:id')
export class RunsController {
  constructor(private readonly runs: RunQueries) {}

  /**
   * Read a run
   *
   * @remarks Where it stands and why.
   */
  @Access({ scope: 'runs:read' })
  @Get()
  @ApiOkResponse({ description: 'The run.', type: RunDto })
  @ApiProblems(400, 404)
  async get(@Param('id', IdPipe) id: string, @CurrentUser() { userId }: Principal): Promise<RunDto> {
    return RunDto.of(await this.runs.get(id, userId));
  }

  /**
   * List a run's executions
   *
   * @remarks Its attempts, the latest first.
   */
  @Access({ scope: 'runs:read' })
  @Get('executions')
  @ApiPage(ExecutionDto)
  @ApiProblems(400, 404)
  async executions(
    @Param('id', IdPipe) id: string,
    @Query() query: PageQueryDto,
    @CurrentUser() { userId }: Principal,
  ): Promise<Page<ExecutionDto>> {
    const { data, meta } = await this.runs.executionsOfRun(id, userId, query);
    return { data: data.map((execution) => ExecutionDto.of(execution)), meta };
  }

  /**
   * Read an execution
   *
   * @remarks One attempt of the run, whole. Of two with one number, where the first was handed back, the later.
   */
  @Access({ scope: 'runs:read' })
  @Get('executions/:attemptNumber')
  @ApiParam({ name: 'attemptNumber', schema: { type: 'integer', minimum: 1, example: 1 } })
  @ApiOkResponse({ description: 'The execution.', type: ExecutionDto })
  @ApiProblems(400, 404)
  async execution(
    @Param('id', IdPipe) id: string,
    @Param('attemptNumber', NumberPipe) attemptNumber: number,
    @CurrentUser() { userId }: Principal,
  ): Promise<ExecutionDto> {
    return ExecutionDto.of(await this.runs.execution(id, attemptNumber, userId));
  }

  /**
   * Read a run's log
   *
   * @remarks The starts and ends of its attempts and what the handler wrote, the oldest first.
   */
  @Access({ scope: 'runs:read' })
  @Get('logs')
  @ApiPage(LogLineDto)
  @ApiProblems(400, 404)
  logs(
    @Param('id', IdPipe) id: string,
    @Query() query: PageQueryDto,
    @CurrentUser() { userId }: Principal,
  ): Promise<Page<LogLineDto>> {
    return this.runs.logsOfRun(id, userId, query);
  }

  /**
   * Cancel a run
   *
   * @remarks One that waits ends at once; one that is running is told to stop. The job's other runs go on.
   */
  @Access({ scope: 'runs:write' })
  @Audited('run.cancelled', 'run')
  @Post('cancel')
  @HttpCode(HttpStatus.OK)
  @ApiOkResponse({ description: 'The run.', type: RunDto })
  @ApiProblems(400, 404, 409, 503)
  async cancel(@Param('id', IdPipe) id: string, @CurrentUser() { userId }: Principal): Promise<RunDto> {
    return RunDto.of(await this.runs.cancel(id, userId));
  }
}
