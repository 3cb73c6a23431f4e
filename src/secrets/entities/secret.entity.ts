import { Column, Entity, ForeignKey, PrimaryColumn, Unique } from 'typeorm';
import type { StoredSecret } from '../domain/secret.js';

@Entity('secrets')
@Unique('secrets_user_id_name_key', ['userId', 'name'])
export class SecretEntity implements StoredSecret {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'secrets_pkey' })
  id!: string;

  @ForeignKey('UserEntity', 'id', { name: 'secrets_user_id_fkey', onDelete: 'CASCADE' })
  @Column('uuid', { name: 'user_id' })
  userId!: string;

  @Column('text')
  name!: string;

  @Column('integer', { name: 'key_version' })
  keyVersion!: number;

  @Column('bytea')
  nonce!: Buffer;

  @Column('bytea')
  ciphertext!: Buffer;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt!: Date;

  @Column('timestamptz', { name: 'last_used_at', nullable: true })
  lastUsedAt!: Date | null;
}
