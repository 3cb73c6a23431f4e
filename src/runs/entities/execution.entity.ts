import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { JsonValue } from '../../kernel/json.js';
import type { Execution, ExecutionStatus } from '../domain/execution.js';

/** Written once, when the attempt has ended. */
@Entity('executions')
@Index('executions_by_run', ['runId'])
@Index('executions_by_job', ['jobId', 'startedAt'])
export class ExecutionEntity implements Execution {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'executions_pkey' })
  id!: string;

  @Column('uuid', { name: 'run_id' })
  runId!: string;

  @Column('uuid', { name: 'job_id' })
  jobId!: string;

  @Column('integer', { name: 'attempt_number' })
  attemptNumber!: number;

  @Column('text')
  status!: ExecutionStatus;

  @Column('timestamptz', { name: 'due_at' })
  dueAt!: Date;

  @Column('timestamptz', { name: 'started_at' })
  startedAt!: Date;

  @Column('timestamptz', { name: 'completed_at' })
  completedAt!: Date | null;

  @Column('text', { name: 'error_message', nullable: true })
  errorMessage!: string | null;

  @Column('jsonb', { nullable: true })
  result!: JsonValue;

  @Column('text', { name: 'worker_id', nullable: true })
  workerId!: string | null;

  @Column('bigint', { name: 'lease_token' })
  leaseToken!: string;
}
