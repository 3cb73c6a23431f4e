import { Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import type { Calendar } from '../domain/calendar.js';

@Entity('calendars')
@Index('calendars_by_name', ['userId', 'name'], { unique: true })
@Index('calendars_changing', ['id'], { where: 'changing' })
export class CalendarEntity implements Calendar {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'calendars_pkey' })
  id!: string;

  @ForeignKey('UserEntity', 'id', { name: 'calendars_user_id_fkey', onDelete: 'CASCADE' })
  @Column('uuid', { name: 'user_id' })
  userId!: string;

  @Column('text')
  name!: string;

  @Column('jsonb')
  days!: string[];

  @Column('integer', { default: 1 })
  version!: number;

  @Column('boolean', { default: false })
  changing!: boolean;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at', default: () => 'now()' })
  updatedAt!: Date;
}
