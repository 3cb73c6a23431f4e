import { ApiProperty } from '@nestjs/swagger';
import { anyJson } from '../../http/openapi/exact-schemas.js';
import { truncated } from '../../http/dto/truncated.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { jsonBytes, listedJsonBytes } from '../../kernel/listed.js';
import { jobTypes, lostPolicies, pauseReasons, shownSchedule } from '../domain/job.js';
import type { ChangedJob, JobType, JobView, ListedJob, LostPolicy, PauseReason } from '../domain/job.js';
import { isFinished, jobStatuses } from '../domain/job-status.js';
import type { JobStatus } from '../domain/job-status.js';
import { listedJob } from '../domain/listed-job.js';
import { catchupModes, overlapPolicies } from '../domain/policies.js';
import type { Catchup, OverlapPolicy } from '../domain/policies.js';
import { RECURRENCE_PATTERNS } from '../../schedules/domain/index.js';
import { scheduledLocalTime } from '../domain/scheduled-local-time.js';

const time = { type: 'string', format: 'date-time', nullable: true } as const;

/** A job. */
export class JobDto {
  /** @example "0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a11" */
  id!: string;

  /** @example "Fetch orders" */
  name!: string;

  @ApiProperty({ example: 'Asks the shop for orders', type: String, nullable: true })
  description!: string | null;

  @ApiProperty({ enum: jobTypes })
  type!: JobType;

  /** @example "http" */
  handler!: string;

  @ApiProperty({ enum: jobStatuses, description: 'A recurring job whose run failed stays pending.' })
  status!: JobStatus;

  @ApiProperty({
    example: { url: 'http://127.0.0.1:3000/health/live' },
    type: 'object',
    additionalProperties: true,
    nullable: true,
    description: 'As it was sent. Null only where `truncated` names it.',
  })
  payload!: JsonObject | null;

  @ApiProperty({
    ...time,
    description: 'Of a one-time job: its nominal time. Of a recurring one: where it is counted from.',
  })
  scheduledAt!: Date | string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '2030-03-31T03:00:00+02:00',
    description: 'Of a one-time job: its time in `timezone`, with the offset in force.',
  })
  scheduledLocalTime!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '2030-03-31T02:30:00 does not exist in Europe/Berlin: it is the first instant after the gap',
    description:
      'What a clock change made of the local time that `scheduledAt` was given as, and whether it had passed when the job was submitted; null where neither.',
  })
  scheduledAtNote!: string | null;

  @ApiProperty({ ...truncated, description: `${truncated.description} GET /jobs/:id shows them whole.` })
  truncated!: string[];

  @ApiProperty({ enum: RECURRENCE_PATTERNS, nullable: true })
  recurrencePattern!: string | null;

  @ApiProperty({
    example: { cron: ['0 9 * * MON-FRI'], timezone: 'Europe/Berlin' },
    type: 'object',
    nullable: true,
    additionalProperties: true,
    description:
      'The whole schedule of a recurring job. `calendars` names them by id: GET /calendars/:id has their days.',
  })
  schedule!: object | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example:
      'The next time was 2030-01-31T09:00:00.000Z and is now 2030-01-02T21:16:41.000Z. Times are counted from the change; anchorAt counts them from another.',
    description: 'In the answer to a change that moved the times: how. Null in every other answer.',
  })
  scheduleNote!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'UTC' })
  timezone!: string | null;

  @ApiProperty({
    ...time,
    description:
      'When the next run starts: the next time that is on no excluded day, or when a retry is due. In the past while a run waits for its turn. Null when none comes, none within 1,000 excluded days, and while the job is paused.',
  })
  nextRunAt!: Date | null;

  @ApiProperty({ ...time, description: 'Start of the latest run.' })
  startedAt!: Date | null;

  @ApiProperty({ ...time, description: 'End of the latest run.' })
  completedAt!: Date | null;

  /**
   * Attempts of the latest run after its first.
   * @example 0
   */
  retryCount!: number;

  /** @example 3 */
  maxRetries!: number;

  @ApiProperty({ example: 1000, type: Number, nullable: true })
  retryDelayMs!: number | null;

  @ApiProperty({ example: 30000, type: Number, nullable: true })
  timeoutMs!: number | null;

  @ApiProperty({ enum: lostPolicies, nullable: true })
  onLost!: LostPolicy | null;

  @ApiProperty({ enum: overlapPolicies })
  overlapPolicy!: OverlapPolicy;

  @ApiProperty({
    example: { mode: 'latest', windowMs: null, max: 100 },
    type: 'object',
    properties: {
      mode: { type: 'string', enum: [...catchupModes] },
      windowMs: { type: 'integer', nullable: true },
      max: { type: 'integer' },
    },
  })
  catchup!: Catchup;

  @ApiProperty({ example: 5, type: Number, nullable: true })
  pauseAfterFailures!: number | null;

  @ApiProperty({ ...time, description: 'When the job was paused; null while it is not.' })
  pausedAt!: Date | null;

  @ApiProperty({ ...time, description: 'When the pause ends by itself.' })
  pausedUntil!: Date | null;

  @ApiProperty({ example: 'The shop is being moved', type: String, nullable: true, description: 'Why it was paused.' })
  pauseNote!: string | null;

  @ApiProperty({
    enum: [...pauseReasons, null],
    type: String,
    nullable: true,
    description:
      'What paused it: a person, too many failed runs, a schedule that cannot be computed, or that the account of its owner is disabled; null while it is not paused.',
  })
  pauseReason!: PauseReason | null;

  @ApiProperty({ type: Boolean, nullable: true })
  notifyOnFailure!: boolean | null;

  @ApiProperty({
    example: 'The target answered with status 500',
    type: String,
    nullable: true,
    description: 'The error of the latest attempt.',
  })
  errorMessage!: string | null;

  @ApiProperty({
    ...anyJson,
    description: 'What the latest attempt returned: any JSON value.',
    example: { status: 200 },
  })
  result!: JsonValue;

  /** Whether runs may still start: it is neither finished nor paused. */
  isActive!: boolean;

  /**
   * Rises with each change of the definition; the ETag.
   * @example 1
   */
  version!: number;

  /** @example "0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a10" */
  userId!: string;

  createdAt!: Date;

  updatedAt!: Date;

  static of(job: JobView | ChangedJob | ListedJob): JobDto {
    const { lastRun, schedule, scheduledLocal, timezone } = job;
    const paused = job.status === 'paused';
    const isLarge = 'truncated' in job && jsonBytes(shownSchedule(job)) > listedJsonBytes;
    const cut = 'truncated' in job ? job.truncated : [];
    // A replayed answer comes from storage with its times as text.
    const scheduledAt = job.scheduledAt && new Date(job.scheduledAt);
    const local = scheduledLocalTime({ scheduledAt, scheduledLocal, timezone, createdAt: new Date(job.createdAt) });
    return {
      id: job.id,
      name: job.name,
      description: job.description,
      type: job.type,
      handler: job.handler,
      status: job.status,
      payload: job.payload,
      scheduledAt: job.scheduledAt ?? (schedule && 'anchorAt' in schedule ? schedule.anchorAt : null),
      scheduledLocalTime: local?.localTime ?? null,
      scheduledAtNote: local?.note ?? null,
      recurrencePattern: schedule && 'recurrencePattern' in schedule ? schedule.recurrencePattern : null,
      schedule: isLarge ? null : shownSchedule(job),
      truncated: [...cut, ...(isLarge ? ['schedule'] : [])].filter((field) => paused || field !== 'pauseNote'),
      scheduleNote: 'scheduleNote' in job ? job.scheduleNote : null,
      timezone: schedule?.timezone ?? timezone,
      nextRunAt: job.nextRunAt,
      startedAt: lastRun?.startedAt ?? null,
      completedAt: lastRun?.endedAt ?? null,
      retryCount: Math.max((lastRun?.attempts ?? 0) - 1, 0),
      maxRetries: job.maxRetries,
      retryDelayMs: job.retryDelayMs,
      timeoutMs: job.timeoutMs,
      onLost: job.onLost,
      overlapPolicy: job.overlapPolicy,
      catchup: job.catchup,
      pauseAfterFailures: job.pauseAfterFailures,
      pausedAt: paused ? job.pausedAt : null,
      pausedUntil: paused ? job.pausedUntil : null,
      pauseNote: paused ? job.pauseNote : null,
      pauseReason: paused ? job.pauseReason : null,
      notifyOnFailure: job.notifyOnFailure,
      errorMessage: lastRun?.errorMessage ?? null,
      result: lastRun?.result ?? null,
      isActive: !paused && !isFinished(job.status),
      version: job.version,
      userId: job.userId,
      createdAt: job.createdAt,
      updatedAt: job.updatedAt,
    };
  }
}

/** Maximum bytes of the jobs in an answer to a bulk submission, without brackets and commas. */
const maxBulkBytes = 1_900_000;

/** The jobs that a bulk submission created, in the order in which they were sent. */
export class JobsDto {
  data!: JobDto[];

  /** Cuts large fields as in a list, and cuts further fields where the jobs are too many for `maxBulkBytes`. */
  static of(jobs: readonly JobView[]): JobsDto {
    const share = maxBulkBytes / jobs.length;
    return {
      data: jobs.map((job) => {
        const dto = JobDto.of(listedJob(job, 1));
        for (const field of ['payload', 'schedule', 'description'] as const)
          if (dto[field] !== null && jsonBytes(dto) > share)
            Object.assign(dto, { [field]: null, truncated: [...dto.truncated, field] });
        return dto;
      }),
    };
  }
}

/** What a job is doing, and no more. */
export class JobStatusDto {
  /** @example "0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a11" */
  id!: string;

  @ApiProperty({ enum: jobStatuses })
  status!: JobStatus;

  @ApiProperty(time)
  nextRunAt!: Date | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'State of the latest run that has started.',
    example: 'succeeded',
  })
  lastRunState!: string | null;

  /** @example 0 */
  retryCount!: number;

  static of(job: JobView): JobStatusDto {
    const { id, status, nextRunAt, lastRun } = job;
    return {
      id,
      status,
      nextRunAt,
      lastRunState: lastRun?.state ?? null,
      retryCount: Math.max((lastRun?.attempts ?? 0) - 1, 0),
    };
  }
}
