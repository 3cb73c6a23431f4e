import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { LogLevel, LogLine } from '../domain/log-line.js';

@Entity('log_lines')
@Index('log_lines_by_run', ['runId', 'timestamp', 'id'])
@Index('log_lines_by_job', ['jobId', 'timestamp', 'id'])
export class LogLineEntity implements LogLine {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'log_lines_pkey' })
  id!: string;

  @Column('uuid', { name: 'run_id' })
  runId!: string;

  @Column('uuid', { name: 'job_id' })
  jobId!: string;

  @Column('timestamptz', { default: () => 'clock_timestamp()' })
  timestamp!: Date;

  @Column('text')
  level!: LogLevel;

  @Column('text')
  status!: string;

  @Column('text')
  message!: string;

  @Column('text', { nullable: true })
  error!: string | null;
}
