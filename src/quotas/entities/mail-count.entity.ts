import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import type { MailHour } from '../domain/mail-quota.js';

@Entity('mail_counts')
export class MailCountEntity implements MailHour {
  @ForeignKey('UserEntity', 'id', { name: 'mail_counts_user_id_fkey', onDelete: 'CASCADE' })
  @PrimaryColumn('uuid', { name: 'user_id', primaryKeyConstraintName: 'mail_counts_pkey' })
  userId!: string;

  @PrimaryColumn('timestamptz', { primaryKeyConstraintName: 'mail_counts_pkey' })
  hour!: Date;

  @Column('integer')
  sent!: number;
}
