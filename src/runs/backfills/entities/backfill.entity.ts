import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { RecurringSchedule } from '../../../schedules/domain/schedule.js';
import type { Backfill, BackfillPolicy, BackfillState } from '../domain/backfill.js';

@Entity('backfills')
@Index('backfills_by_calendar', { synchronize: false })
@Index('backfills_by_job', ['jobId', 'id'])
@Index('backfills_running', ['id'], { where: `state = 'running'` })
export class BackfillEntity implements Backfill {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'backfills_pkey' })
  id!: string;

  @ForeignKey('JobEntity', 'id', { name: 'backfills_job_id_fkey', onDelete: 'CASCADE' })
  @Column('uuid', { name: 'job_id' })
  jobId!: string;

  @Column('timestamptz', { name: 'range_from' })
  rangeFrom!: Date;

  @Column('timestamptz', { name: 'range_to' })
  rangeTo!: Date;

  @Column('text', { name: 'overlap_policy' })
  overlapPolicy!: BackfillPolicy;

  @Column('text')
  state!: BackfillState;

  @Column('jsonb')
  schedule!: RecurringSchedule;

  @Column('integer', { name: 'job_version' })
  jobVersion!: number;

  @Column('integer')
  total!: number;

  @Column('timestamptz', { name: 'next_at', nullable: true })
  nextAt!: Date | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'ended_at', nullable: true })
  endedAt!: Date | null;
}
