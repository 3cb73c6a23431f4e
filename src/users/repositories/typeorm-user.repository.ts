import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { QueryFailedError, Repository } from 'typeorm';
import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import { entityManagerOf } from '../../database/typeorm-transaction-runner.js';
import { notFound } from '../../kernel/errors.js';
import { isId } from '../../kernel/ids.js';
import { countNeeded, pageOf } from '../../kernel/page.js';
import type { Page, PageRequest } from '../../kernel/page.js';
import type { Transaction } from '../../kernel/transaction.js';
import { emailTaken } from '../domain/user.js';
import type { User, UserFilter } from '../domain/user.js';
import { UserEntity } from '../entities/user.entity.js';
import type { IUserRepository, UserChanges } from '../interfaces/user-repository.js';

const uniqueViolation = '23505';

@Injectable()
export class TypeormUserRepository implements IUserRepository {
  constructor(@InjectRepository(UserEntity) private readonly users: Repository<UserEntity>) {}

  async insert(user: User, tx?: Transaction): Promise<void> {
    const added = await this.inside(tx)
      .createQueryBuilder()
      .insert()
      .into(UserEntity)
      .values(user)
      .orIgnore()
      .returning('id')
      .execute();
    if ((added.raw as unknown[]).length === 0) throw emailTaken();
  }

  async findById(id: string): Promise<User | null> {
    return isId(id) ? this.users.findOneBy({ id }) : null;
  }

  findByEmail(email: string): Promise<User | null> {
    return this.users.findOneBy({ email });
  }

  async list({ role, isActive, search }: UserFilter, page: PageRequest): Promise<Page<User>> {
    const query = this.users.createQueryBuilder('u').where('true');
    if (role !== undefined) query.andWhere('u.role = :role', { role });
    if (isActive !== undefined) query.andWhere('u.is_active = :isActive', { isActive });
    if (search !== undefined)
      query.andWhere(`(u.email ILIKE '%' || :search || '%' OR u.name ILIKE '%' || :search || '%')`, {
        search: search.replace(/[\\%_]/g, '\\$&'),
      });
    const counted = query.clone().select('u.id').orderBy('u.id', 'DESC').limit(countNeeded(page));
    const [users, [count]] = await Promise.all([
      query
        .orderBy('u.id', 'DESC')
        .offset((page.page - 1) * page.limit)
        .limit(page.limit)
        .getMany(),
      this.users.query<[{ total: number }]>(...countOf(counted)),
    ]);
    return pageOf(users, count.total, page);
  }

  async count(): Promise<{ total: number; active: number; admins: number }> {
    const [row] = await this.users.query<[{ total: number; active: number; admins: number }]>(
      `SELECT total, total - disabled AS active, admins FROM
         (SELECT count(*)::integer AS total FROM users) AS everybody,
         (SELECT count(*)::integer AS disabled FROM users WHERE NOT is_active) AS those_disabled,
         (SELECT count(*)::integer AS admins FROM users WHERE is_active AND role = 'admin') AS active_admins`,
    );
    return row;
  }

  lock(tx: Transaction, id: string): Promise<User | null> {
    return this.inside(tx).findOne(UserEntity, { where: { id }, lock: { mode: 'pessimistic_write' } });
  }

  async lockActiveAdmins(tx: Transaction): Promise<string[]> {
    const admins = await this.inside(tx).query<{ id: string }[]>(
      `SELECT id FROM users WHERE role = 'admin' AND is_active ORDER BY id FOR UPDATE`,
    );
    return admins.map(({ id }) => id);
  }

  async update(tx: Transaction, id: string, changes: UserChanges): Promise<User> {
    try {
      await this.inside(tx).update(UserEntity, { id }, changes);
    } catch (error) {
      if (error instanceof QueryFailedError && (error.driverError as { code?: string }).code === uniqueViolation)
        throw emailTaken();
      throw error;
    }
    const user = await this.inside(tx).findOneBy(UserEntity, { id });
    if (!user) throw notFound('user');
    return user;
  }

  async delete(tx: Transaction, id: string): Promise<void> {
    await this.inside(tx).delete(UserEntity, { id });
  }

  private inside(tx: Transaction | undefined): EntityManager {
    return tx ? entityManagerOf(tx) : this.users.manager;
  }
}

function countOf(query: SelectQueryBuilder<UserEntity>): [string, unknown[]] {
  const [sql, values] = query.getQueryAndParameters();
  return [`SELECT count(*)::integer AS total FROM (${sql}) AS counted`, values];
}
