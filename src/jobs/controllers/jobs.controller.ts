import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  HttpStatus,
  Param,
  Patch,
  Post,
  Put,
  Query,
  Req,
  Res,
} from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Access } from '../../http/decorators/access.decorator.js';
import { ApiPage } from '../../http/decorators/api-page.decorator.js';
import { ApiProblems } from '../../http/decorators/api-problems.decorator.js';
import { Audited } from '../../http/decorators/audited.decorator.js';
import { CurrentUser } from '../../http/decorators/current-user.decorator.js';
import { WithETag } from '../../http/decorators/etag.decorator.js';
import { ApiIdempotencyKey, answerOf } from '../../http/decorators/idempotency-key.decorator.js';
import { WithPreconditions } from '../../http/decorators/precondition.decorator.js';
import { IdPipe } from '../../http/validation/id.pipe.js';
import type { Precondition } from '../../kernel/precondition.js';
import type { Principal } from '../../kernel/principal.js';
import type { Page } from '../../kernel/page.js';
import type { JobView } from '../domain/job.js';
import { bulkExamples, changeExamples, submissionExamples } from '../dto/job-examples.js';
import { JobQueryDto } from '../dto/job-query.dto.js';
import { JobDto, JobStatusDto, JobsDto } from '../dto/job.dto.js';
import { ChangeJobDto, SubmitJobDto, SubmitJobsDto } from '../dto/submit-job.dto.js';
import { JobChanges } from '../services/job-changes.js';
import { JobLifecycle } from '../services/job-lifecycle.js';
import { JobQueries } from '../services/job-queries.js';
import { JobSubmissions } from '../services/job-submissions.js';
import { IfJob } from '../dto/if-job.decorator.js';
import { senderOf } from '../dto/sender.js';
import type { AskedBySomebody } from '../dto/sender.js';

@ApiTags('jobs')
@Controller('jobs')
export class JobsController {
  constructor(
    private readonly submissions: JobSubmissions,
    private readonly queries: JobQueries,
    private readonly changes: JobChanges,
    private readonly lifecycle: JobLifecycle,
  ) {}

  /**
   * Submit a job
   *
   * @remarks Answered once the job and its first run are committed. A one-time job without `scheduledAt` is due now.
   */
  @Access({ scope: 'jobs:write' })
  @Audited('job.created', 'job')
  @Post()
  @ApiBody({ type: SubmitJobDto, examples: submissionExamples })
  @WithETag()
  @ApiIdempotencyKey()
  @ApiCreatedResponse({ description: 'The job.', type: JobDto })
  @ApiProblems(400, 413, 415, 422, 503)
  async submit(
    @Body() body: SubmitJobDto,
    @Req() request: AskedBySomebody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobDto> {
    return JobDto.of(answerOf(await this.submissions.submit(body, senderOf(request)), reply));
  }

  /**
   * Submit many jobs
   *
   * @remarks 1 to 1,000 jobs in one transaction: all of them or none. A fault is named by its pointer, such as `/jobs/3/name`.
   */
  @Access({ scope: 'jobs:write' })
  @Audited('job.created', 'job')
  @Post('bulk')
  @ApiBody({ type: SubmitJobsDto, examples: bulkExamples })
  @ApiIdempotencyKey()
  @ApiCreatedResponse({ description: 'The jobs, in the order in which they were sent.', type: JobsDto })
  @ApiProblems(400, 413, 415, 422, 503)
  async submitMany(
    @Body() body: SubmitJobsDto,
    @Req() request: AskedBySomebody,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobsDto> {
    const jobs = answerOf(await this.submissions.submitMany(body.jobs, senderOf(request)), reply);
    return JobsDto.of(jobs);
  }

  /**
   * List your jobs
   *
   * @remarks Newest first. All filters must hold.
   */
  @Access({ scope: 'jobs:read' })
  @Get()
  @ApiPage(JobDto)
  @ApiProblems(400)
  async list(@Query() query: JobQueryDto, @CurrentUser() { userId }: Principal): Promise<Page<JobDto>> {
    const { data, meta } = await this.queries.list(userId, query, query);
    return { data: data.map((job) => JobDto.of(job)), meta };
  }

  /**
   * Read a job
   *
   * @remarks The definition, and what came of its latest run.
   */
  @Access({ scope: 'jobs:read' })
  @Get(':id')
  @WithETag()
  @ApiOkResponse({ description: 'The job.', type: JobDto })
  @ApiProblems(400, 404)
  async get(@Param('id', IdPipe) id: string, @CurrentUser() { userId }: Principal): Promise<JobDto> {
    return JobDto.of(await this.queries.get(id, userId));
  }

  /**
   * Read a job's status
   *
   * @remarks Small, for polling.
   */
  @Access({ scope: 'jobs:read' })
  @Get(':id/status')
  @ApiOkResponse({ description: 'The status.', type: JobStatusDto })
  @ApiProblems(400, 404)
  async status(@Param('id', IdPipe) id: string, @CurrentUser() { userId }: Principal): Promise<JobStatusDto> {
    return JobStatusDto.of(await this.queries.get(id, userId));
  }

  /**
   * Replace a job
   *
   * @remarks What the body does not name takes its default. The same definition again changes nothing. Runs that have started keep the definition they started under.
   */
  @Access({ scope: 'jobs:write' })
  @Audited('job.replaced', 'job')
  @Put(':id')
  @ApiBody({ type: SubmitJobDto, examples: submissionExamples })
  @WithETag()
  @WithPreconditions()
  @ApiOkResponse({ description: 'The job.', type: JobDto })
  @ApiProblems(400, 404, 409, 412, 413, 415, 422, 503)
  async replace(
    @Param('id', IdPipe) id: string,
    @Body() body: SubmitJobDto,
    @CurrentUser() { userId }: Principal,
    @IfJob() expected: Precondition<JobView>,
  ): Promise<JobDto> {
    return JobDto.of(await this.changes.replace(id, userId, body, expected));
  }

  /**
   * Change a job
   *
   * @remarks What the body does not name stays; null takes a field back to its default. Values that are there change nothing. A new schedule re-plans what has not started; `scheduleNote` says how the times moved.
   */
  @Access({ scope: 'jobs:write' })
  @Audited('job.changed', 'job')
  @Patch(':id')
  @ApiBody({ type: ChangeJobDto, examples: changeExamples })
  @WithETag()
  @WithPreconditions()
  @ApiOkResponse({ description: 'The job.', type: JobDto })
  @ApiProblems(400, 404, 409, 412, 413, 415, 422, 503)
  async change(
    @Param('id', IdPipe) id: string,
    @Body() body: ChangeJobDto,
    @CurrentUser() { userId }: Principal,
    @IfJob() expected: Precondition<JobView>,
  ): Promise<JobDto> {
    return JobDto.of(await this.changes.patch(id, userId, body, expected));
  }

  /**
   * Delete a job
   *
   * @remarks With all its runs, executions and logs. To keep the history, cancel it instead.
   */
  @Access({ scope: 'jobs:write' })
  @Audited('job.deleted', 'job')
  @Delete(':id')
  @HttpCode(HttpStatus.NO_CONTENT)
  @WithPreconditions()
  @ApiNoContentResponse({ description: 'Deleted.' })
  @ApiProblems(400, 404, 503)
  async delete(
    @Param('id', IdPipe) id: string,
    @CurrentUser() { userId }: Principal,
    @IfJob() expected: Precondition<JobView>,
  ): Promise<void> {
    await this.lifecycle.delete(id, userId, expected);
  }
}
