import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { JsonValue } from '../../kernel/json.js';
import type { Execution, ExecutionStatus } from '../domain/execution.js';

/** An attempt that another one followed. A run's last attempt is kept in the run's own row; the view `executions` has both. */
@Entity('earlier_executions')
@Index('earlier_executions_by_run', ['runId'])
@Index('earlier_executions_by_job', ['jobId', 'startedAt'])
export class EarlierExecutionEntity implements Execution {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'earlier_executions_pkey' })
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

  @Column('json', { nullable: true })
  result!: JsonValue;

  @Column('text', { name: 'worker_id', nullable: true })
  workerId!: string | null;

  @Column('bigint', { name: 'lease_token' })
  leaseToken!: string;
}
