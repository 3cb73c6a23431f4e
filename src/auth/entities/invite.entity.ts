import { Column, CreateDateColumn, Entity, ForeignKey, PrimaryColumn, Unique } from 'typeorm';

@Entity('invites')
@Unique('invites_digest_key', ['digest'])
export class InviteEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'invites_pkey' })
  id!: string;

  /** SHA-256 of the token, hexadecimal. */
  @Column('text')
  digest!: string;

  @Column('text', { nullable: true })
  email!: string | null;

  @ForeignKey('UserEntity', 'id', { name: 'invites_created_by_fkey', onDelete: 'CASCADE' })
  @Column('uuid', { name: 'created_by' })
  createdBy!: string;

  @CreateDateColumn({ name: 'created_at', type: 'timestamptz' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt!: Date;

  @Column('timestamptz', { name: 'used_at', nullable: true })
  usedAt!: Date | null;

  @ForeignKey('UserEntity', 'id', { name: 'invites_used_by_fkey', onDelete: 'SET NULL' })
  @Column('uuid', { name: 'used_by', nullable: true })
  usedBy!: string | null;
}
