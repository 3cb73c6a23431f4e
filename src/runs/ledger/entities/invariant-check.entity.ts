import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** What one daily audit of the books found. */
@Entity('run_audits')
@Index('run_audits_by_end', ['endedAt'])
export class InvariantCheckEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'run_audits_pkey' })
  id!: string;

  @Column('timestamptz', { name: 'started_at' })
  startedAt!: Date;

  @Column('timestamptz', { name: 'ended_at' })
  endedAt!: Date;

  @Column('integer')
  runs!: number;

  @Column('integer')
  executions!: number;

  @Column('integer')
  violations!: number;
}
