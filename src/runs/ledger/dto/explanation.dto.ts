import { ApiProperty } from '@nestjs/swagger';
import { IsDate, IsOptional } from 'class-validator';
import { Instant } from '../../../jobs/dto/job-query.dto.js';
import { gateNames, gateStates } from '../domain/explanation.js';
import type { Gate, GateName, GateState } from '../domain/explanation.js';
import { runStates } from '../../domain/run-state.js';
import type { ExplainedTime } from '../services/explanations.js';

/** `?at=` */
export class ExplainQueryDto {
  /**
   * A nominal time. Default: that of the oldest run that waits or runs, else the next one.
   * @example "2030-01-31T09:00:00Z"
   */
  @IsOptional()
  @Instant()
  @IsDate({ message: '$property must be an RFC 3339 time such as 2030-01-31T09:00:00Z' })
  at?: Date;
}

/** One of the gates between a nominal time and its end. */
export class GateDto implements Gate {
  @ApiProperty({ enum: gateNames })
  gate!: GateName;

  @ApiProperty({
    enum: gateStates,
    description: '`passed` lies behind the run, `open` would let it through now, `closed` holds or ended it.',
  })
  state!: GateState;

  /** @example "It is no blackout day." */
  detail!: string;
}

/** Why a nominal time ran, waits, or did not run. */
export class ExplanationDto {
  @ApiProperty({ format: 'uuid' })
  jobId!: string;

  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'The run that accounts for the time.' })
  runId!: string | null;

  nominalAt!: Date;

  /** Whether the schedule names this time. */
  named!: boolean;

  @ApiProperty({ type: Number, nullable: true, example: 1, description: 'The version of the job that applies.' })
  jobVersion!: number | null;

  @ApiProperty({ enum: [...runStates, null], nullable: true, type: String, example: 'skipped' })
  state!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'overlap', description: 'A stable word.' })
  reason!: string | null;

  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'The run that holds or held this one.' })
  heldBy!: string | null;

  /** @example "It ran and succeeded in attempt 1." */
  summary!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: 'Somebody resumes the job.',
    description: 'What would let it start; null where nothing needs to, or can.',
  })
  wouldStart!: string | null;

  /** The gates in the order in which a run passes them. */
  @ApiProperty({ type: () => [GateDto] })
  gates!: GateDto[];

  static of({ jobId, nominalAt, named, jobVersion, run, summary, wouldStart, gates }: ExplainedTime): ExplanationDto {
    return {
      jobId,
      runId: run?.id ?? null,
      nominalAt,
      named,
      jobVersion,
      state: run?.state ?? null,
      reason: run?.reason ?? null,
      heldBy: run?.heldBy ?? null,
      summary,
      wouldStart,
      gates,
    };
  }
}
