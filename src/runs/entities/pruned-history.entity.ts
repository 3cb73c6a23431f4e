import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Up to which nominal time a job's rows may have been pruned. Beside `jobs`, so that pruning never waits for a start. */
@Entity('pruned_histories')
export class PrunedHistoryEntity {
  @PrimaryColumn('uuid', { name: 'job_id', primaryKeyConstraintName: 'pruned_histories_pkey' })
  jobId!: string;

  /** Of rows that the schedule named. */
  @Column('timestamptz', { name: 'scheduled_until', nullable: true })
  scheduledUntil!: Date | null;

  /** Of rows that a backfill made up. */
  @Column('timestamptz', { name: 'backfilled_until', nullable: true })
  backfilledUntil!: Date | null;
}
