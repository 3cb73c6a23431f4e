import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { databaseNow } from '../../database/clock-sql.js';
import { jsonRows } from '../../database/statements/json-rows.js';
import { plainArray } from '../../database/statements/plain-array.js';
import { SharedStatement } from '../../database/statements/shared-statement.js';
import { queryIn } from '../../database/typeorm-transaction-runner.js';
import { newId } from '../../kernel/ids.js';
import type { Transaction } from '../../kernel/transaction.js';
import type { AuditEntry, AuditEvent, AuditFilter } from '../domain/audit-event.js';
import { AuditEventEntity } from '../entities/audit-event.entity.js';
import type { AuditPosition, IAuditEvents, PastEntry } from '../interfaces/audit-events.js';

/**
 * In the transaction of each change, and so of each submission: entries $1 and $2, of so many ms ago, $3, which is filled up
 * with 0.
 */
const insert = new SharedStatement('append_audit_events', {
  write: `
  INSERT INTO audit_events (at, id, action, outcome, reason, user_id, credential, credential_id, target_kind, target_id,
    before_digest, after_digest, address, request_id, count)
  SELECT clock_timestamp() - coalesce(($3::float8[])[ordinality], 0) * interval '1 ms', id, action, outcome, reason, user_id, credential,
    credential_id, target_kind, target_id, before_digest, after_digest, address, request_id, count
  FROM json_populate_recordset(json_populate_record(NULL::audit_events, $1::json), $2::json) WITH ORDINALITY`,
});

@Injectable()
export class TypeormAuditEvents implements IAuditEvents {
  constructor(private readonly dataSource: DataSource) {}

  async append(tx: Transaction | null, entries: readonly PastEntry[]): Promise<void> {
    const { common, rows } = jsonRows(entries.map(({ entry }) => rowOf(entry)));
    const areNew = entries.every(({ agoMs }) => agoMs === 0);
    const values = [common, rows, plainArray(areNew ? [] : entries.map(({ agoMs }) => agoMs))];
    await (tx ? queryIn(tx, insert, values) : insert.query(this.dataSource, values));
  }

  async list(filter: AuditFilter, limit: number, after: AuditPosition | null): Promise<AuditEvent[]> {
    const query = this.dataSource.getRepository(AuditEventEntity).createQueryBuilder('e');
    for (const field of ['userId', 'action', 'targetKind', 'targetId', 'outcome'] as const)
      if (filter[field] !== undefined) query.andWhere(`e.${field} = :${field}`, { [field]: filter[field] });
    if (filter.from) query.andWhere('e.at >= :from', { from: filter.from });
    if (filter.to) query.andWhere('e.at < :to', { to: filter.to });
    if (after) query.andWhere('(e.at, e.id) < (:at, :id)', after);
    const rows = await query.orderBy('e.at', 'DESC').addOrderBy('e.id', 'DESC').limit(limit).getMany();
    return rows.map(eventOf);
  }

  prune(keepDays: number, most: number): Promise<number> {
    return this.dataSource.transaction(async (manager) => {
      // The trigger lets only those go that are older than this, and than its own least.
      await manager.query(`SELECT set_config('punctual.audit_keep_days', $1, true)`, [String(keepDays)]);
      const [, deleted] = await manager.query<[unknown[], number]>(
        `DELETE FROM audit_events WHERE (at, id) IN (
           SELECT at, id FROM audit_events WHERE at < ${databaseNow} - $1::integer * interval '24 hours'
           ORDER BY at, id LIMIT $2 FOR UPDATE SKIP LOCKED)`,
        [keepDays, most],
      );
      return deleted;
    });
  }
}

const rowOf = (entry: AuditEntry): Record<string, unknown> => ({
  id: newId(),
  action: entry.action,
  outcome: entry.outcome,
  reason: entry.reason ?? undefined,
  user_id: entry.userId,
  credential: entry.credential,
  credential_id: entry.credentialId,
  target_kind: entry.target?.kind,
  target_id: entry.target?.id ?? undefined,
  before_digest: entry.before ?? undefined,
  after_digest: entry.after,
  address: entry.address,
  request_id: entry.requestId,
  count: entry.count,
});

function eventOf({ targetKind, targetId, beforeDigest, afterDigest, ...row }: AuditEventEntity): AuditEvent {
  const target = targetKind === null ? null : { kind: targetKind, id: targetId };
  return { ...row, target, before: beforeDigest, after: afterDigest };
}
