import { Body, Controller, HttpCode, HttpStatus, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Access } from '../../http/decorators/access.decorator.js';
import { ApiProblems } from '../../http/decorators/api-problems.decorator.js';
import { Audited } from '../../http/decorators/audited.decorator.js';
import { CurrentUser } from '../../http/decorators/current-user.decorator.js';
import { WithETag } from '../../http/decorators/etag.decorator.js';
import { WithPreconditions } from '../../http/decorators/precondition.decorator.js';
import { IdPipe } from '../../http/validation/id.pipe.js';
import type { Precondition } from '../../kernel/precondition.js';
import type { Principal } from '../../kernel/principal.js';
import type { JobView } from '../domain/job.js';
import { PauseJobDto, RescheduleJobDto } from '../dto/job-moves.dto.js';
import { JobDto } from '../dto/job.dto.js';
import { JobChanges } from '../services/job-changes.js';
import { JobLifecycle } from '../services/job-lifecycle.js';
import { IfJob } from '../dto/if-job.decorator.js';

@ApiTags('jobs')
@Access({ scope: 'jobs:write' })
@Controller('jobs/:id')
export class JobMovesController {
  constructor(
    private readonly changes: JobChanges,
    private readonly lifecycle: JobLifecycle,
  ) {}

  /**
   * Cancel a job
   *
   * @remarks For good: no run starts once this is answered, and one that is running is told to stop. 409 when the job has finished.
   */
  @Audited('job.cancelled', 'job')
  @Post('cancel')
  @HttpCode(HttpStatus.OK)
  @WithETag()
  @WithPreconditions()
  @ApiOkResponse({ description: 'The job.', type: JobDto })
  @ApiProblems(400, 404, 409, 503)
  async cancel(
    @Param('id', IdPipe) id: string,
    @CurrentUser() { userId }: Principal,
    @IfJob() expected: Precondition<JobView>,
  ): Promise<JobDto> {
    return JobDto.of(await this.lifecycle.cancel(id, userId, expected));
  }

  /**
   * Reschedule a job
   *
   * @remarks Moves a job that has not started; a recurring one is counted from the new time. 409 when it runs or has finished.
   */
  @Audited('job.rescheduled', 'job')
  @Post('reschedule')
  @HttpCode(HttpStatus.OK)
  @WithETag()
  @WithPreconditions()
  @ApiOkResponse({ description: 'The job.', type: JobDto })
  @ApiProblems(400, 404, 409, 415, 422, 503)
  async reschedule(
    @Param('id', IdPipe) id: string,
    @Body() { scheduledAt }: RescheduleJobDto,
    @CurrentUser() { userId }: Principal,
    @IfJob() expected: Precondition<JobView>,
  ): Promise<JobDto> {
    return JobDto.of(await this.changes.reschedule(id, userId, scheduledAt, expected));
  }

  /**
   * Pause a job
   *
   * @remarks Nothing starts once this is answered; what runs ends. With `until` it resumes by itself.
   */
  @Audited('job.paused', 'job')
  @Post('pause')
  @HttpCode(HttpStatus.OK)
  @WithETag()
  @WithPreconditions()
  @ApiOkResponse({ description: 'The job.', type: JobDto })
  @ApiProblems(400, 404, 409, 415, 503)
  async pause(
    @Param('id', IdPipe) id: string,
    @Body() { note, until }: PauseJobDto,
    @CurrentUser() { userId }: Principal,
    @IfJob() expected: Precondition<JobView>,
  ): Promise<JobDto> {
    return JobDto.of(await this.lifecycle.pause(id, userId, note ?? null, until ?? null, expected));
  }

  /**
   * Resume a job
   *
   * @remarks Times that passed while it was paused are made up as its `catchup` says; the others end as `skipped: paused`.
   */
  @Audited('job.resumed', 'job')
  @Post('resume')
  @HttpCode(HttpStatus.OK)
  @WithETag()
  @WithPreconditions()
  @ApiOkResponse({ description: 'The job.', type: JobDto })
  @ApiProblems(400, 404, 409, 503)
  async resume(
    @Param('id', IdPipe) id: string,
    @CurrentUser() { userId }: Principal,
    @IfJob() expected: Precondition<JobView>,
  ): Promise<JobDto> {
    return JobDto.of(await this.lifecycle.resume(id, userId, expected));
  }
}
