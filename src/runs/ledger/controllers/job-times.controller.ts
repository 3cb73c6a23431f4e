import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Access } from '../../../http/decorators/access.decorator.js';
import { ApiProblems } from '../../../http/decorators/api-problems.decorator.js';
import { CurrentUser } from '../../../http/decorators/current-user.decorator.js';
import { IdPipe } from '../../../http/validation/id.pipe.js';
import { NextRunsQueryDto, SchedulePreviewDto } from '../../../jobs/dto/preview.dto.js';
import type { Principal } from '../../../kernel/principal.js';
import { ExplainQueryDto, ExplanationDto } from '../dto/explanation.dto.js';
import { LedgerDto, LedgerQueryDto } from '../dto/ledger.dto.js';
import { Explanations } from '../services/explanations.js';
import { Forecasts } from '../services/forecasts.js';
import { Ledgers } from '../services/ledgers.js';

/** The nominal times of a job: those to come, why each is as it is, and the account of those that were. */
@ApiTags('runs')
@Access({ scope: 'runs:read' })
@Controller('jobs/:id')
export class JobTimesController {
  constructor(
    private readonly forecasts: Forecasts,
    private readonly explanations: Explanations,
    private readonly ledgers: Ledgers,
  ) {}

  /**
   * Show a job's next runs
   *
   * @remarks Its nominal times strictly after `from` with their reasons, the zone's next two clock changes as a dry run, and what may surprise. An overlap is predicted from the median of the last twenty executions that succeeded.
   */
  @Get('next-runs')
  @ApiOkResponse({ description: 'What the job will do.', type: SchedulePreviewDto })
  @ApiProblems(400, 404)
  async nextRuns(
    @Param('id', IdPipe) id: string,
    @Query() { from, count }: NextRunsQueryDto,
    @CurrentUser() { userId }: Principal,
  ): Promise<SchedulePreviewDto> {
    return SchedulePreviewDto.of(await this.forecasts.of(id, userId, from ?? null, count));
  }

  /**
   * Explain a nominal time
   *
   * @remarks Why the job ran, waits or did not run at a time: the gates in order, what holds it, and what would let it start; also where there is no run, and why.
   */
  @Get('explain')
  @ApiOkResponse({ description: 'The explanation.', type: ExplanationDto })
  @ApiProblems(400, 404)
  async explain(
    @Param('id', IdPipe) id: string,
    @Query() { at }: ExplainQueryDto,
    @CurrentUser() { userId }: Principal,
  ): Promise<ExplanationDto> {
    return ExplanationDto.of(await this.explanations.ofJob(id, userId, at ?? null));
  }

  /**
   * Read a job's ledger
   *
   * @remarks Computes the nominal times of `[from, to)` anew, from the schedule that was in force at each, and sets them against the runs. 422 when the range names more than 10,000 times.
   */
  @Get('ledger')
  @ApiOkResponse({ description: 'The ledger.', type: LedgerDto })
  @ApiProblems(400, 404, 422)
  async ledger(
    @Param('id', IdPipe) id: string,
    @Query() { from, to }: LedgerQueryDto,
    @CurrentUser() { userId }: Principal,
  ): Promise<LedgerDto> {
    return LedgerDto.of(await this.ledgers.of(id, userId, from ?? null, to ?? null));
  }
}
