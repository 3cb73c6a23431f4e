import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import type { QuotaOverrides } from '../domain/quotas.js';

/** What an admin has set for a user; null takes the default. */
@Entity('user_quotas')
export class UserQuotaEntity implements QuotaOverrides {
  @ForeignKey('UserEntity', 'id', { name: 'user_quotas_user_id_fkey', onDelete: 'CASCADE' })
  @PrimaryColumn('uuid', { name: 'user_id', primaryKeyConstraintName: 'user_quotas_pkey' })
  userId!: string;

  @Column('integer', { name: 'live_jobs', nullable: true })
  liveJobs!: number | null;

  @Column('integer', { name: 'submissions_per_minute', nullable: true })
  submissionsPerMinute!: number | null;

  @Column('integer', { name: 'payload_bytes', nullable: true })
  payloadBytes!: number | null;

  @Column('integer', { name: 'mails_per_hour', nullable: true })
  mailsPerHour!: number | null;

  @Column('integer', { name: 'mails_per_day', nullable: true })
  mailsPerDay!: number | null;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;
}
