import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** What one audit of all jobs' ledgers found. */
@Entity('ledger_audits')
@Index('ledger_audits_by_end', ['endedAt'])
export class LedgerCheckEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'ledger_audits_pkey' })
  id!: string;

  @Column('timestamptz', { name: 'started_at' })
  startedAt!: Date;

  @Column('timestamptz', { name: 'ended_at' })
  endedAt!: Date;

  @Column('integer')
  jobs!: number;

  @Column('bigint')
  expected!: string;

  @Column('integer')
  missing!: number;
}
