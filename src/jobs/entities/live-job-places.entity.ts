import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** The last count of a user's live jobs and the places promised since; see `ILiveJobPlaces`. */
@Entity('live_job_places')
@Index('live_job_places_count', ['userId', 'generation'], { unique: true })
export class LiveJobPlacesEntity {
  @ForeignKey('UserEntity', 'id', { name: 'live_job_places_user_id_fkey', onDelete: 'CASCADE' })
  @PrimaryColumn('uuid', { name: 'user_id', primaryKeyConstraintName: 'live_job_places_pkey' })
  userId!: string;

  /** Rises with each count. */
  @Column('bigint')
  generation!: string;

  /** Live jobs at the last count, plus all places promised since. */
  @Column('bigint')
  promised!: string;
}
