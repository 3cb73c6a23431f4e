import { Body, Controller, Delete, Get, HttpCode, HttpStatus, Param, Post } from '@nestjs/common';
import { ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import { Access } from '../../http/decorators/access.decorator.js';
import { ApiProblems } from '../../http/decorators/api-problems.decorator.js';
import { Audited } from '../../http/decorators/audited.decorator.js';
import { WithETag } from '../../http/decorators/etag.decorator.js';
import { WithPreconditions } from '../../http/decorators/precondition.decorator.js';
import { IdPipe } from '../../http/validation/id.pipe.js';
import type { Precondition } from '../../kernel/precondition.js';
import type { JobView } from '../domain/job.js';
import { PauseJobDto } from '../dto/job-moves.dto.js';
import { JobDto } from '../dto/job.dto.js';
import { JobLifecycle } from '../services/job-lifecycle.js';
import { JobQueries } from '../services/job-queries.js';
import { IfJob } from '../dto/if-job.decorator.js';

/** What an admin may do to anybody's job: look at it, and stop it. No API key may stop one. */
@ApiTags('admin')
@Controller('admin/jobs/:id')
export class AdminJobController {
  constructor(
    private readonly queries: JobQueries,
    private readonly lifecycle: JobLifecycle,
  ) {}

  /**
   * Read anybody's job
   *
   * @remarks As its owner sees it.
   */
  @Access({ scope: 'admin:read', role: 'admin' })
  @Get()
  @WithETag()
  @ApiOkResponse({ description: 'The job.', type: JobDto })
  @ApiProblems(400, 404)
  async get(@Param('id', IdPipe) id: string): Promise<JobDto> {
    return JobDto.of(await this.queries.get(id, null));
  }

  /**
   * Cancel anybody's job
   *
   * @remarks For good: no run starts once this is answered, and one that is running is told to stop. 409 when the job has finished.
   */
  @Access({ role: 'admin' })
  @Audited('job.cancelled', 'job')
  @Post('cancel')
  @HttpCode(HttpStatus.OK)
  @WithETag()
  @WithPreconditions()
  @ApiOkResponse({ description: 'The job.', type: JobDto })
  @ApiProblems(400, 404, 409, 503)
  async cancel(@Param('id', IdPipe) id: string, @IfJob() expected: Precondition<JobView>): Promise<JobDto> {
    return JobDto.of(await this.lifecycle.cancel(id, null, expected));
  }

  /**
   * Pause anybody's job
   *
   * @remarks Nothing starts once this is answered; what runs ends. Its owner may resume it. One that is paused because its owner’s account is disabled then stays paused when that is enabled.
   */
  @Access({ role: 'admin' })
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
    @IfJob() expected: Precondition<JobView>,
  ): Promise<JobDto> {
    return JobDto.of(await this.lifecycle.pause(id, null, note ?? null, until ?? null, expected));
  }

  /**
   * Resume anybody's job
   *
   * @remarks Times that passed while it was paused are made up as its `catchup` says. 409 while its owner’s account is disabled.
   */
  @Access({ role: 'admin' })
  @Audited('job.resumed', 'job')
  @Post('resume')
  @HttpCode(HttpStatus.OK)
  @WithETag()
  @WithPreconditions()
  @ApiOkResponse({ description: 'The job.', type: JobDto })
  @ApiProblems(400, 404, 409, 503)
  async resume(@Param('id', IdPipe) id: string, @IfJob() expected: Precondition<JobView>): Promise<JobDto> {
    return JobDto.of(await this.lifecycle.resume(id, null, expected));
  }

  /**
   * Delete anybody's job
   *
   * @remarks With all its runs, executions and logs.
   */
  @Access({ role: 'admin' })
  @Audited('job.deleted', 'job')
  @Delete()
  @HttpCode(HttpStatus.NO_CONTENT)
  @WithPreconditions()
  @ApiNoContentResponse({ description: 'Deleted.' })
  @ApiProblems(400, 404, 503)
  async delete(@Param('id', IdPipe) id: string, @IfJob() expected: Precondition<JobView>): Promise<void> {
    await this.lifecycle.delete(id, null, expected);
  }
}
