import { Body, Controller, Get, HttpCode, HttpStatus, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Access } from '../../../http/decorators/access.decorator.js';
import { ApiPage } from '../../../http/decorators/api-page.decorator.js';
import { ApiProblems } from '../../../http/decorators/api-problems.decorator.js';
import { Audited } from '../../../http/decorators/audited.decorator.js';
import { CurrentUser } from '../../../http/decorators/current-user.decorator.js';
import { ApiIdempotencyKey, answerOf } from '../../../http/decorators/idempotency-key.decorator.js';
import { WithPreconditions } from '../../../http/decorators/precondition.decorator.js';
import { PageQueryDto } from '../../../http/dto/page-query.dto.js';
import { IdPipe } from '../../../http/validation/id.pipe.js';
import { IfJob } from '../../../jobs/dto/if-job.decorator.js';
import { senderOf } from '../../../jobs/dto/sender.js';
import type { AskedBySomebody } from '../../../jobs/dto/sender.js';
import type { JobView } from '../../../jobs/domain/job.js';
import type { Page } from '../../../kernel/page.js';
import type { Precondition } from '../../../kernel/precondition.js';
import type { Principal } from '../../../kernel/principal.js';
import { BackfillDto, StartBackfillDto } from '../dto/backfill.dto.js';
import { Backfills } from '../services/backfills.js';

@ApiTags('runs')
@Controller()
export class BackfillsController {
  constructor(private readonly backfills: Backfills) {}

  /**
   * Backfill a past range
   *
   * @remarks Runs the job for each nominal time in `[from, to)` that its schedule as it is now names, blackout days left out; at most 10,000 times, a few at a time. 409 while another backfill makes up times of the range.
   */
  @Access({ scope: 'runs:write' })
  @Audited('backfill.started', 'backfill')
  @Post('jobs/:id/backfill')
  @WithPreconditions()
  @ApiIdempotencyKey()
  @ApiCreatedResponse({ description: 'The backfill.', type: BackfillDto })
  @ApiProblems(400, 404, 409, 415, 422, 503)
  async start(
    @Param('id', IdPipe) id: string,
    @Body() { from, to, overlapPolicy }: StartBackfillDto,
    @Req() asked: AskedBySomebody,
    @IfJob() expected: Precondition<JobView>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BackfillDto> {
    const request = { from, to, overlapPolicy: overlapPolicy ?? null };
    return BackfillDto.of(answerOf(await this.backfills.start(id, senderOf(asked), request, expected), reply));
  }

  /**
   * List a job's backfills
   *
   * @remarks Newest first.
   */
  @Access({ scope: 'runs:read' })
  @Get('jobs/:id/backfills')
  @ApiPage(BackfillDto)
  @ApiProblems(400, 404)
  async list(
    @Param('id', IdPipe) id: string,
    @Query() query: PageQueryDto,
    @CurrentUser() { userId }: Principal,
  ): Promise<Page<BackfillDto>> {
    const { data, meta } = await this.backfills.ofJob(id, userId, query);
    return { data: data.map((backfill) => BackfillDto.of(backfill)), meta };
  }

  /**
   * Read a backfill
   *
   * @remarks How far it is, counted from its runs.
   */
  @Access({ scope: 'runs:read' })
  @Get('backfills/:id')
  @ApiOkResponse({ description: 'The backfill.', type: BackfillDto })
  @ApiProblems(400, 404)
  async get(@Param('id', IdPipe) id: string, @CurrentUser() { userId }: Principal): Promise<BackfillDto> {
    return BackfillDto.of(await this.backfills.get(id, userId));
  }

  /**
   * Cancel a backfill
   *
   * @remarks Its runs that wait end as `cancelled: backfill_cancelled`, one that is running goes on. 409 when it has ended.
   */
  @Access({ scope: 'runs:write' })
  @Audited('backfill.cancelled', 'backfill')
  @Post('backfills/:id/cancel')
  @HttpCode(HttpStatus.OK)
  @ApiOkResponse({ description: 'The backfill.', type: BackfillDto })
  @ApiProblems(400, 404, 409, 503)
  async cancel(@Param('id', IdPipe) id: string, @CurrentUser() { userId }: Principal): Promise<BackfillDto> {
    return BackfillDto.of(await this.backfills.cancel(id, userId));
  }
}
