import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Access } from '../../../http/decorators/access.decorator.js';
import { ApiProblems } from '../../../http/decorators/api-problems.decorator.js';
import { IdPipe } from '../../../http/validation/id.pipe.js';
import { NextRunsQueryDto, SchedulePreviewDto } from '../../../jobs/dto/preview.dto.js';
import { ExplainQueryDto, ExplanationDto } from '../dto/explanation.dto.js';
import { LedgerDto, LedgerQueryDto } from '../dto/ledger.dto.js';
import { Explanations } from '../services/explanations.js';
import { Forecasts } from '../services/forecasts.js';
import { Ledgers } from '../services/ledgers.js';

/** Each nominal time of anybody's job, past and to come, for admins. */
@ApiTags('admin')
@Access({ scope: 'admin:read', role: 'admin' })
@Controller('admin/jobs/:id')
export class AdminJobTimesController {
  constructor(
    private readonly forecasts: Forecasts,
    private readonly explanations: Explanations,
    private readonly accounts: Ledgers,
  ) {}

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
