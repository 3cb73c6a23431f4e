import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a calendar held at a version. Schedules name it; it has no foreign key, for it outlives its calendar in their history. */
@Entity('calendar_versions')
export class CalendarVersionEntity {
  @PrimaryColumn('uuid', { name: 'calendar_id', primaryKeyConstraintName: 'calendar_versions_pkey' })
  calendarId!: string;

  @PrimaryColumn('integer', { primaryKeyConstraintName: 'calendar_versions_pkey' })
  version!: number;

  @Column('text')
  name!: string;

  /** `YYYY-MM-DD`, sorted, each once. */
  @Column('jsonb')
  days!: string[];

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
