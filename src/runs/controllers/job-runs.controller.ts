import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Access } from '../../http/decorators/access.decorator.js';
import { ApiPage } from '../../http/decorators/api-page.decorator.js';
import { ApiProblems } from '../../http/decorators/api-problems.decorator.js';
import { Audited } from '../../http/decorators/audited.decorator.js';
import { CurrentUser } from '../../http/decorators/current-user.decorator.js';
import { ApiIdempotencyKey, answerOf } from '../../http/decorators/idempotency-key.decorator.js';
import { WithPreconditions } from '../../http/decorators/precondition.decorator.js';
import { PageQueryDto } from '../../http/dto/page-query.dto.js';
import { IdPipe } from '../../http/validation/id.pipe.js';
import type { Precondition } from '../../kernel/precondition.js';
import type { Principal } from '../../kernel/principal.js';
import { checkAccess } from '../../auth/domain/access.js';
import { IfJob } from '../../jobs/dto/if-job.decorator.js';
import { senderOf } from '../../jobs/dto/sender.js';
import type { AskedBySomebody } from '../../jobs/dto/sender.js';
import type { JobView } from '../../jobs/domain/job.js';
import { TriggerJobDto } from '../../jobs/dto/job-moves.dto.js';
import type { Page } from '../../kernel/page.js';
import { RunQueryDto } from '../dto/run-query.dto.js';
import { ExecutionDto, LogLineDto, RunDto } from '../dto/run.dto.js';
import { RunQueries } from '../services/run-queries.js';
import { Triggers } from '../services/triggers.js';

/** What happened to a job. */
@ApiTags('runs')
@Controller('jobs/:id')
export class JobRunsController {
  constructor(
    private readonly runs: RunQueries,
    private readonly triggers: Triggers,
  ) {}

  /**
   * List a job's runs
   *
   * @remarks What has happened, by nominal time, the latest first: what is due or under way, and what has ended, with its reason. What lies ahead is shown when `state` names `scheduled` or `to` is given.
   */
  @Access({ scope: 'runs:read' })
  @Get('runs')
  @ApiPage(RunDto)
  @ApiProblems(400, 404)
  async list(
    @Param('id', IdPipe) id: string,
    @Query() query: RunQueryDto,
    @CurrentUser() { userId }: Principal,
  ): Promise<Page<RunDto>> {
    const { data, meta } = await this.runs.ofJob(id, userId, query.filter, query);
    return { data: data.map((run) => RunDto.of(run)), meta };
  }

  /**
   * List a job's executions
   *
   * @remarks Every attempt of every run, the latest first.
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
    const { data, meta } = await this.runs.executionsOfJob(id, userId, query);
    return { data: data.map((execution) => ExecutionDto.of(execution)), meta };
  }

  /**
   * Read a job's log
   *
   * @remarks The starts and ends of all attempts and what handlers wrote, the oldest first.
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
    return this.runs.logsOfJob(id, userId, query);
  }

  /**
   * Run a job now
   *
   * @remarks Once, beside its schedule, also while it is paused. With `payload` in place of the job's own, for which an API key needs the scope `jobs:write` too: it decides what is done.
   */
  @Access({ scope: 'runs:write' })
  @Audited('job.triggered', 'job')
  @Post('trigger')
  @WithPreconditions()
  @ApiIdempotencyKey()
  @ApiCreatedResponse({ description: 'The run.', type: RunDto })
  @ApiProblems(400, 403, 404, 409, 415, 422, 503)
  async trigger(
    @Param('id', IdPipe) id: string,
    @Body() { payload, nominalAt }: TriggerJobDto,
    @Req() request: AskedBySomebody,
    @IfJob() expected: Precondition<JobView>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RunDto> {
    if (payload) checkAccess(request.user, { scope: 'jobs:write' });
    const what = { payload: payload ?? null, nominalAt: nominalAt ?? null };
    return RunDto.of(answerOf(await this.triggers.trigger(id, senderOf(request), what, expected), reply));
  }
}
