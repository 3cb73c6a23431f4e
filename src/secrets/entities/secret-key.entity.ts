import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The mark of a key version: an empty text sealed with that key, by which every process recognises the key. */
@Entity('secret_keys')
export class SecretKeyEntity {
  @PrimaryColumn('integer', { primaryKeyConstraintName: 'secret_keys_pkey' })
  version!: number;

  @Column('bytea')
  nonce!: Buffer;

  @Column('bytea')
  ciphertext!: Buffer;

  @Column('timestamptz', { name: 'first_seen_at', default: () => 'clock_timestamp()' })
  firstSeenAt!: Date;
}
