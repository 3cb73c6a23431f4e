import { Check, Column, CreateDateColumn, Entity, Index, PrimaryColumn } from 'typeorm';
import type { JsonObject } from '../../kernel/json.js';
import type { ExecutionStatus } from '../domain/execution.js';
import type { Run, RunReason, RunTrigger } from '../domain/run.js';
import type { RunState } from '../domain/run-state.js';

@Entity('runs')
@Index('runs_once', ['jobId', 'nominalAt', 'trigger'], { unique: true })
@Index('runs_to_ring', ['ringAt'], { where: 'ended_at IS NULL' })
@Index('runs_ranges', ['jobId', 'nominalAt'], { where: 'nominal_until IS NOT NULL' })
@Index('runs_not_run', ['jobId', 'nominalAt'], {
  where: `ended_at IS NOT NULL AND attempt_status IS DISTINCT FROM 'succeeded'`,
})
@Index('runs_ended_late', ['endedAt', 'id'], { where: `ended_at - created_at > interval '1 day'` })
@Index('runs_live', ['jobId'], { where: 'ended_at IS NULL' })
@Index('runs_by_execution', ['jobId', 'executionStartedAt'], {
  where: `attempt_status IS NOT NULL AND (gated OR trigger <> 'schedule')`,
})
@Check('runs_end', `(ended_at IS NULL) = (state IN ('scheduled', 'running', 'retrying'))`)
export class RunEntity implements Run {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'runs_pkey' })
  id!: string;

  @Column('uuid', { name: 'job_id' })
  jobId!: string;

  @Column('timestamptz', { name: 'nominal_at' })
  nominalAt!: Date;

  @Column('timestamptz', { name: 'due_at' })
  dueAt!: Date;

  @Column('text')
  trigger!: RunTrigger;

  @Column('text')
  state!: RunState;

  @Column('text', { nullable: true })
  reason!: RunReason | null;

  @Column('text', { name: 'reason_detail', nullable: true })
  reasonDetail!: string | null;

  @Column('integer', { default: 0 })
  attempts!: number;

  @Column('bigint', { name: 'lease_token', default: 0 })
  leaseToken!: string;

  @Column('timestamptz', { name: 'lease_until', nullable: true })
  leaseUntil!: Date | null;

  @Column('text', { name: 'worker_id', nullable: true })
  workerId!: string | null;

  /** Start of the live attempt. */
  @Column('timestamptz', { name: 'attempt_started_at', nullable: true })
  attemptStartedAt!: Date | null;

  /**
   * How the last attempt ended, once the run has: the row then is that attempt's execution as well, and `reasonDetail` its
   * error. Null when no attempt ended the run.
   */
  @Column('text', { name: 'attempt_status', nullable: true })
  attemptStatus!: Exclude<ExecutionStatus, 'running'> | null;

  @Column('timestamptz', { name: 'execution_started_at', nullable: true })
  executionStartedAt!: Date | null;

  @Column('json', { nullable: true })
  result!: unknown;

  @Column('timestamptz', { name: 'cancel_requested_at', nullable: true })
  cancelRequestedAt!: Date | null;

  /** When a doorbell is owed: `dueAt` less the horizon at first; after each ringing, when to ring again if nobody came. */
  @Column('timestamptz', { name: 'ring_at' })
  ringAt!: Date;

  @Column('smallint', { default: 0 })
  rings!: number;

  @Column('boolean', { default: false })
  gated!: boolean;

  @Column('uuid', { name: 'held_by', nullable: true })
  heldBy!: string | null;

  /** No later look at the gates takes its place away: catch-up `all` has promised to make it up, or only a backfill held it up. */
  @Column('boolean', { name: 'keeps_place', default: false })
  keepsPlace!: boolean;

  @Column('integer', { name: 'job_version' })
  jobVersion!: number;

  @Column('integer', { name: 'ran_version', nullable: true })
  ranVersion!: number | null;

  @Column('json', { nullable: true })
  payload!: JsonObject | null;

  @Column('integer', { default: 1 })
  count!: number;

  @Column('timestamptz', { name: 'nominal_until', nullable: true })
  nominalUntil!: Date | null;

  @Column('timestamptz', { name: 'started_at', nullable: true })
  startedAt!: Date | null;

  @Column('timestamptz', { name: 'ended_at', nullable: true })
  endedAt!: Date | null;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;
}
