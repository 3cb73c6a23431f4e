import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** Outbox: a run that failed for good and whose owner is still to be told. */
@Entity('failure_notices')
@Index('failure_notices_due', ['dueAt'])
export class FailureNoticeEntity {
  @PrimaryColumn('uuid', { name: 'run_id', primaryKeyConstraintName: 'failure_notices_pkey' })
  runId!: string;

  @Column('timestamptz', { name: 'due_at', default: () => 'now()' })
  dueAt!: Date;

  @Column('integer', { default: 0 })
  tries!: number;
}
