import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Access } from '../../http/decorators/access.decorator.js';
import { ApiPage } from '../../http/decorators/api-page.decorator.js';
import { ApiProblems } from '../../http/decorators/api-problems.decorator.js';
import { PageQueryDto } from '../../http/dto/page-query.dto.js';
import { IdPipe } from '../../http/validation/id.pipe.js';
import { NextRunsQueryDto, SchedulePreviewDto } from '../../jobs/dto/preview.dto.js';
import type { Page } from '../../kernel/page.js';
import { BackfillDto } from '../backfills/dto/backfill.dto.js';
import { ExplainQueryDto, ExplanationDto } from '../ledger/dto/explanation.dto.js';
import { LedgerDto, LedgerQueryDto } from '../ledger/dto/ledger.dto.js';
import { RunQueryDto } from '../dto/run-query.dto.js';
import { ExecutionDto, LogLineDto, RunDto } from '../dto/run.dto.js';
import { Backfills } from '../backfills/services/backfills.js';
import { Explanations } from '../ledger/services/explanations.js';
import { Forecasts } from '../ledger/services/forecasts.js';
import { Ledgers } from '../ledger/services/ledgers.js';
import { RunQueries } from '../services/run-queries.js';

/** What happened to anybody's job, and what will, as its owner sees it. */
@ApiTags('admin')
@Access({ scope: 'admin:read', role: 'admin' })
@Controller('admin/jobs/:id')
export class AdminJobRunsController {
  constructor(
    private readonly queries: RunQueries,
    private readonly forecasts: Forecasts,
    private readonly explanations: Explanations,
    private readonly accounts: Ledgers,
    private readonly made: Backfills,
  ) {}

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

  /**
   * Show the next runs of anybody's job
   *
   * @remarks As `GET /jobs/{id}/next-runs`.
   */
  @Get('next-runs')
  @ApiOkResponse({ description: 'What the job will do.', type: SchedulePreviewDto })
  @ApiProblems(400, 404)
  async nextRuns(
    @Param('id', IdPipe) id: string,
    @Query() { from, count }: NextRunsQueryDto,
  ): Promise<SchedulePreviewDto> {
    return SchedulePreviewDto.of(await this.forecasts.of(id, null, from ?? null, count));
  }

  /**
   * Explain a nominal time of anybody's job
   *
   * @remarks As `GET /jobs/{id}/explain`.
   */
  @Get('explain')
  @ApiOkResponse({ description: 'The explanation.', type: ExplanationDto })
  @ApiProblems(400, 404)
  async explain(@Param('id', IdPipe) id: string, @Query() { at }: ExplainQueryDto): Promise<ExplanationDto> {
    return ExplanationDto.of(await this.explanations.ofJob(id, null, at ?? null));
  }

  /**
   * Read the ledger of anybody's job
   *
   * @remarks As `GET /jobs/{id}/ledger`.
   */
  @Get('ledger')
  @ApiOkResponse({ description: 'The ledger.', type: LedgerDto })
  @ApiProblems(400, 404, 422)
  async ledger(@Param('id', IdPipe) id: string, @Query() { from, to }: LedgerQueryDto): Promise<LedgerDto> {
    return LedgerDto.of(await this.accounts.of(id, null, from ?? null, to ?? null));
  }
}
