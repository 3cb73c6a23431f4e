import { Column, CreateDateColumn, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';

/** Every refresh token that a session has had, so that a used one is recognised. */
@Entity('refresh_tokens')
@Index('refresh_tokens_by_session', ['sessionId'])
export class RefreshTokenEntity {
  /** SHA-256 of the token, hexadecimal. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'refresh_tokens_pkey' })
  digest!: string;

  @ForeignKey('SessionEntity', 'id', { name: 'refresh_tokens_session_id_fkey', onDelete: 'CASCADE' })
  @Column('uuid', { name: 'session_id' })
  sessionId!: string;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'used_at', nullable: true })
  usedAt!: Date | null;

  /** Leads whoever holds the token to its successor; null while there is none. */
  @Column('text', { nullable: true })
  salt!: string | null;

  @Column('text', { nullable: true })
  successor!: string | null;
}
