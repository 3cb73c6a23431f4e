import { Column, CreateDateColumn, Entity, Index, PrimaryColumn, Unique, UpdateDateColumn } from 'typeorm';
import type { User, UserRole } from '../domain/user.js';

@Entity('users')
@Unique('users_email_key', ['email'])
@Index('users_admins', ['id'], { where: `role = 'admin'` })
@Index('users_disabled', ['id'], { where: 'NOT is_active' })
@Index('users_to_align', ['id'], { where: 'jobs_to_align' })
export class UserEntity implements User {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'users_pkey' })
  id!: string;

  @Column('text')
  email!: string;

  @Column('text')
  name!: string;

  @Column('text', { name: 'password_hash' })
  passwordHash!: string;

  @Column('text', { default: 'user' })
  role!: UserRole;

  @Column('boolean', { name: 'is_active', default: true })
  isActive!: boolean;

  /** The account was disabled or enabled, and its jobs do not all say so yet. */
  @Column('boolean', { name: 'jobs_to_align', default: false, select: false })
  jobsToAlign?: boolean;

  @CreateDateColumn({ type: 'timestamptz', name: 'created_at' })
  createdAt!: Date;

  @UpdateDateColumn({ type: 'timestamptz', name: 'updated_at' })
  updatedAt!: Date;
}
