import { Column, CreateDateColumn, Entity, Index, PrimaryColumn } from 'typeorm';
import type { JsonObject } from '../../kernel/json.js';
import type { Job, JobType, LostPolicy, PauseReason } from '../domain/job.js';
import type { StoredJobStatus } from '../domain/job-status.js';
import type { Catchup, OverlapPolicy } from '../domain/policies.js';
import type { RecurringSchedule } from '../../schedules/domain/schedule.js';

@Entity('jobs')
@Index('jobs_by_calendar', { synchronize: false })
@Index('jobs_by_owner', ['userId', 'status', 'id'])
@Index('jobs_recurring', ['userId', 'status', 'id'], { where: `type = 'recurring'` })
@Index('jobs_stopped', ['status', 'id'], { where: `status IN ('failed', 'cancelled', 'paused')` })
@Index('jobs_to_plan', ['nextRunAt'], { where: `status = 'pending' AND next_run_at IS NOT NULL` })
@Index('jobs_to_end', ['id'], { where: `status = 'pending' AND type = 'recurring' AND next_run_at IS NULL` })
@Index('jobs_to_resume', ['pausedUntil'], { where: `status = 'paused' AND paused_until IS NOT NULL` })
export class JobEntity implements Job {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'jobs_pkey' })
  id!: string;

  @Column('uuid', { name: 'user_id' })
  userId!: string;

  @Column('text')
  name!: string;

  @Column('text', { nullable: true })
  description!: string | null;

  @Column('text')
  type!: JobType;

  @Column('text')
  handler!: string;

  @Column('json')
  payload!: JsonObject;

  @Column('text')
  status!: StoredJobStatus;

  @Column('timestamptz', { name: 'scheduled_at', nullable: true })
  scheduledAt!: Date | null;

  @Column('jsonb', { nullable: true })
  schedule!: RecurringSchedule | null;

  @Column('text', { nullable: true })
  timezone!: string | null;

  @Column('text', { name: 'scheduled_local', nullable: true })
  scheduledLocal!: string | null;

  @Column('text', { name: 'overlap_policy' })
  overlapPolicy!: OverlapPolicy;

  @Column('jsonb')
  catchup!: Catchup;

  @Column('integer', { name: 'pause_after_failures', nullable: true })
  pauseAfterFailures!: number | null;

  @Column('timestamptz', { name: 'paused_at', nullable: true })
  pausedAt!: Date | null;

  @Column('timestamptz', { name: 'paused_until', nullable: true })
  pausedUntil!: Date | null;

  @Column('text', { name: 'pause_note', nullable: true })
  pauseNote!: string | null;

  @Column('text', { name: 'pause_reason', nullable: true })
  pauseReason!: PauseReason | null;

  @Column('integer', { name: 'max_retries' })
  maxRetries!: number;

  @Column('integer', { name: 'retry_delay_ms', nullable: true })
  retryDelayMs!: number | null;

  @Column('integer', { name: 'timeout_ms', nullable: true })
  timeoutMs!: number | null;

  @Column('text', { name: 'on_lost', nullable: true })
  onLost!: LostPolicy | null;

  @Column('boolean', { name: 'notify_on_failure', nullable: true })
  notifyOnFailure!: boolean | null;

  @Column('timestamptz', { name: 'next_run_at', nullable: true })
  nextRunAt!: Date | null;

  @Column('integer', { name: 'planned_count', default: 0 })
  plannedCount!: number;

  @Column('timestamptz', { name: 'active_until', nullable: true })
  activeUntil!: Date | null;

  @Column('integer', { default: 1 })
  version!: number;

  @Column('timestamptz', { name: 'version_since', default: () => 'now()' })
  versionSince!: Date;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;
}
