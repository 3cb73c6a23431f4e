import { Check, Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { AuditOutcome, Credential } from '../domain/audit-event.js';

/** Written once. Triggers refuse what would change it; it refers to nobody, so that it outlives whom it tells of. */
@Entity('audit_events')
@Check('audit_events_outcome_check', `outcome IN ('success', 'refused')`)
@Check('audit_events_credential_check', `credential IN ('session', 'api_key', 'none')`)
@Index('audit_events_by_user', ['userId', 'at', 'id'], { where: 'user_id IS NOT NULL' })
@Index('audit_events_by_target', ['targetId', 'at', 'id'], { where: 'target_id IS NOT NULL' })
@Index('audit_events_by_action', ['action', 'at', 'id'])
@Index('audit_events_refused', ['at', 'id'], { where: `outcome = 'refused'` })
export class AuditEventEntity {
  @PrimaryColumn('timestamptz', { precision: 3, primaryKeyConstraintName: 'audit_events_pkey' })
  at!: Date;

  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'audit_events_pkey' })
  id!: string;

  @Column('text')
  action!: string;

  @Column('text')
  outcome!: AuditOutcome;

  @Column('text', { nullable: true })
  reason!: string | null;

  @Column('uuid', { name: 'user_id', nullable: true })
  userId!: string | null;

  @Column('text')
  credential!: Credential;

  @Column('uuid', { name: 'credential_id', nullable: true })
  credentialId!: string | null;

  @Column('text', { name: 'target_kind', nullable: true })
  targetKind!: string | null;

  @Column('text', { name: 'target_id', nullable: true })
  targetId!: string | null;

  @Column('text', { name: 'before_digest', nullable: true })
  beforeDigest!: string | null;

  @Column('text', { name: 'after_digest', nullable: true })
  afterDigest!: string | null;

  @Column('text', { nullable: true })
  address!: string | null;

  @Column('text', { name: 'request_id', nullable: true })
  requestId!: string | null;

  @Column('integer')
  count!: number;
}
