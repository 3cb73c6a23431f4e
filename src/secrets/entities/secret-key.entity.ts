import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a version of the key is recognised by: nothing, sealed with it. */
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
