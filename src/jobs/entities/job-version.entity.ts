import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { RecurringSchedule } from '../../schedules/domain/schedule.js';

/** A replaced version of a job's schedule, kept so that its nominal times can be computed again. */
@Entity('job_versions')
@Index('job_versions_by_calendar', { synchronize: false })
export class JobVersionEntity {
  @PrimaryColumn('uuid', { name: 'job_id', primaryKeyConstraintName: 'job_versions_pkey' })
  jobId!: string;

  @PrimaryColumn('integer', { primaryKeyConstraintName: 'job_versions_pkey' })
  version!: number;

  @Column('jsonb', { nullable: true })
  schedule!: RecurringSchedule | null;

  @Column('timestamptz', { name: 'valid_from' })
  validFrom!: Date;

  @Column('timestamptz', { name: 'valid_to' })
  validTo!: Date;
}
