import { ApiProperty } from '@nestjs/swagger';
import { truncated } from '../../http/dto/truncated.js';
import { anyJson } from '../../http/openapi/exact-schemas.js';
import type { JsonValue } from '../../kernel/json.js';
import { executionStatuses } from '../domain/execution.js';
import type { Execution, ExecutionStatus, ListedExecution } from '../domain/execution.js';
import { logLevels } from '../domain/log-line.js';
import type { ListedLogLine, LogLevel } from '../domain/log-line.js';
import { runTriggers } from '../domain/run.js';
import type { ListedRun, Run, RunTrigger } from '../domain/run.js';
import { runStates } from '../domain/run-state.js';
import type { RunState } from '../domain/run-state.js';
import { shownWorker } from '../domain/shown-worker.js';

const time = { type: 'string', format: 'date-time', nullable: true } as const;

/** One nominal time of a job, and what came of it. */
export class RunDto {
  /** @example "0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a12" */
  id!: string;

  /** @example "0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a11" */
  jobId!: string;

  /** The instant that the schedule names. */
  nominalAt!: Date;

  /** When the next attempt may start, or the last one was due. */
  dueAt!: Date;

  @ApiProperty({ enum: runTriggers })
  trigger!: RunTrigger;

  @ApiProperty({ enum: runStates })
  state!: RunState;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Why it is in this state: a stable word.',
    example: 'completed',
  })
  reason!: string | null;

  @ApiProperty({
    example: 'The target answered with status 500',
    type: String,
    nullable: true,
    description: 'The reason in a sentence, such as the error.',
  })
  reasonDetail!: string | null;

  /**
   * Attempts that count: started, and not handed back.
   * @example 1
   */
  attempts!: number;

  @ApiProperty({
    example: 'a1b2c3d4e5f6',
    type: String,
    nullable: true,
    description:
      'The worker of the latest attempt, by a name that tells operators which process it is, and nobody else.',
  })
  workerId!: string | null;

  @ApiProperty({
    example: '0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a12',
    type: String,
    nullable: true,
    description: 'The run that this one waited for, or was skipped for.',
  })
  heldBy!: string | null;

  /**
   * The version of the job that it was planned under: its schedule names the nominal time.
   * @example 1
   */
  jobVersion!: number;

  @ApiProperty({
    type: Number,
    nullable: true,
    example: 2,
    description: 'The version of the job whose definition its latest attempt got. Null before the first attempt.',
  })
  ranVersion!: number | null;

  /**
   * Nominal times that this row accounts for: more than 1 for a missed range up to `nominalUntil`.
   * @example 1
   */
  count!: number;

  @ApiProperty(time)
  nominalUntil!: Date | null;

  @ApiProperty(time)
  startedAt!: Date | null;

  @ApiProperty(time)
  endedAt!: Date | null;

  createdAt!: Date;

  @ApiProperty({ ...truncated, description: `${truncated.description} GET /runs/:id shows them whole.` })
  truncated!: string[];

  static of(run: Run | ListedRun): RunDto {
    return {
      truncated: 'truncated' in run ? run.truncated : [],
      id: run.id,
      jobId: run.jobId,
      nominalAt: run.nominalAt,
      dueAt: run.dueAt,
      trigger: run.trigger,
      state: run.state,
      reason: run.reason,
      reasonDetail: run.reasonDetail,
      attempts: run.attempts,
      workerId: run.workerId && shownWorker(run.workerId),
      heldBy: run.heldBy,
      jobVersion: run.jobVersion,
      ranVersion: run.ranVersion,
      count: run.count,
      nominalUntil: run.nominalUntil,
      startedAt: run.startedAt,
      endedAt: run.endedAt,
      createdAt: run.createdAt,
    };
  }
}

/** One attempt of a run. */
export class ExecutionDto {
  /** @example "0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a13" */
  id!: string;

  /** @example "0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a12" */
  runId!: string;

  /** @example "0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a11" */
  jobId!: string;

  /**
   * From 1 within the run.
   * @example 1
   */
  attemptNumber!: number;

  @ApiProperty({ enum: executionStatuses })
  status!: ExecutionStatus;

  dueAt!: Date;

  startedAt!: Date;

  @ApiProperty(time)
  completedAt!: Date | null;

  @ApiProperty({ example: 'The target answered with status 500', type: String, nullable: true })
  errorMessage!: string | null;

  @ApiProperty({
    ...anyJson,
    description: 'What the handler returned: any JSON value.',
    example: { status: 200 },
  })
  result!: JsonValue;

  @ApiProperty({ example: 'a1b2c3d4e5f6', type: String, nullable: true })
  workerId!: string | null;

  @ApiProperty({
    ...truncated,
    description: `${truncated.description} GET /runs/:id/executions/:attemptNumber shows them whole.`,
  })
  truncated!: string[];

  static of(execution: Execution | ListedExecution): ExecutionDto {
    const { leaseToken: _leaseToken, ...shown } = execution;
    return { truncated: [], ...shown, workerId: shown.workerId && shownWorker(shown.workerId) };
  }
}

/** One line of a run's log. */
export class LogLineDto implements ListedLogLine {
  /** @example "0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a13-end" */
  id!: string;

  /** @example "0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a12" */
  runId!: string;

  /** @example "0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a11" */
  jobId!: string;

  timestamp!: Date;

  @ApiProperty({ enum: logLevels })
  level!: LogLevel;

  /**
   * What the run was doing.
   * @example "succeeded"
   */
  status!: string;

  /** @example "Attempt 1 succeeded after 12 ms" */
  message!: string;

  @ApiProperty({ example: 'The target answered with status 500', type: String, nullable: true })
  error!: string | null;

  @ApiProperty({ ...truncated, description: `${truncated.description} A smaller \`limit\` shows more of them.` })
  truncated!: string[];
}
