import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { databaseNow } from '../../database/clock-sql.js';
import { smallestId } from '../../database/id-sql.js';
import { pruneSlice } from '../../database/prune-slice.js';
import { entityManagerOf } from '../../database/typeorm-transaction-runner.js';
import type { PruneStep } from '../../kernel/retention.js';
import type { Transaction } from '../../kernel/transaction.js';
import { InviteEntity } from '../entities/invite.entity.js';
import { countNeeded, pageOf } from '../../kernel/page.js';
import type { Page, PageRequest } from '../../kernel/page.js';
import type { Invite, OpenInvite } from '../domain/invite.js';
import type { IInviteRepository } from '../interfaces/invite-repository.js';

const unused = 'used_at IS NULL AND expires_at > clock_timestamp()';
const isOpen = `digest = $1 AND used_at IS NULL AND expires_at > clock_timestamp() AND (email IS NULL OR email = $2)`;

@Injectable()
export class TypeormInviteRepository implements IInviteRepository {
  constructor(private readonly dataSource: DataSource) {}

  async insert(invite: Invite): Promise<void> {
    await this.dataSource.manager.insert(InviteEntity, invite);
  }

  async listOpen(page: PageRequest): Promise<Page<OpenInvite>> {
    const [data, [counted]] = await Promise.all([
      this.dataSource.query<OpenInvite[]>(
        `SELECT id, email, created_by AS "createdBy", created_at AS "createdAt", expires_at AS "expiresAt"
         FROM invites WHERE ${unused} ORDER BY id DESC LIMIT $1 OFFSET $2`,
        [page.limit, (page.page - 1) * page.limit],
      ),
      this.dataSource.query<[{ total: number }]>(
        `SELECT count(*)::integer AS total FROM (SELECT FROM invites WHERE ${unused} LIMIT $1) AS counted`,
        [countNeeded(page)],
      ),
    ]);
    return pageOf(data, counted.total, page);
  }

  async revoke(id: string): Promise<boolean> {
    const [, count] = await this.dataSource.query<[unknown[], number]>(
      `DELETE FROM invites WHERE id = $1 AND ${unused}`,
      [id],
    );
    return count > 0;
  }

  async isOpen(digest: string, email: string): Promise<boolean> {
    const found = await this.dataSource.query<unknown[]>(`SELECT FROM invites WHERE ${isOpen}`, [digest, email]);
    return found.length > 0;
  }

  async take(tx: Transaction, digest: string, email: string, userId: string): Promise<boolean> {
    const [, count] = await entityManagerOf(tx).query<[unknown[], number]>(
      `UPDATE invites SET used_at = clock_timestamp(), used_by = $3 WHERE ${isOpen}`,
      [digest, email, userId],
    );
    return count > 0;
  }

  prune(ageMs: number, after: string | null, limit: number): Promise<PruneStep> {
    const isOld = `expires_at < ${databaseNow} - $3 * interval '1 ms'`;
    return pruneSlice(this.dataSource, { table: 'invites', key: 'id', first: smallestId, isOld }, ageMs, after, limit);
  }
}
