import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { databaseNow } from '../../database/clock-sql.js';
import { smallestId } from '../../database/id-sql.js';
import { pruneSlice } from '../../database/prune-slice.js';
import { entityManagerOf } from '../../database/typeorm-transaction-runner.js';
import type { PruneStep } from '../../kernel/retention.js';
import type { Transaction } from '../../kernel/transaction.js';
import type { Session } from '../domain/session.js';
import type { ISessionRepository, Rotation } from '../interfaces/session-repository.js';

const columns = `s.id, s.user_id AS "userId", s.created_at AS "createdAt", s.last_used_at AS "lastUsedAt",
  s.expires_at AS "expiresAt", s.address, s.user_agent AS "userAgent"`;

@Injectable()
export class TypeormSessionRepository implements ISessionRepository {
  constructor(private readonly dataSource: DataSource) {}

  async open(
    { id, userId, address, userAgent }: Pick<Session, 'id' | 'userId' | 'address' | 'userAgent'>,
    tokenDigest: string,
    { lifeMs, most }: { lifeMs: number; most: number },
  ): Promise<Session> {
    await this.dataSource.query(
      `DELETE FROM sessions WHERE user_id = $1 AND (expires_at <= clock_timestamp()
         OR id IN (SELECT id FROM sessions WHERE user_id = $1 ORDER BY last_used_at DESC, id DESC OFFSET $2))`,
      [userId, most - 1],
    );
    const [session] = await this.dataSource.query<[Session]>(
      `WITH s AS (
         INSERT INTO sessions (id, user_id, last_used_at, expires_at, address, user_agent)
         VALUES ($1, $2, clock_timestamp(), clock_timestamp() + $3 * interval '1 ms', $4, $5)
         RETURNING *),
       first AS (INSERT INTO refresh_tokens (digest, session_id) SELECT $6, id FROM s)
       SELECT ${columns} FROM s`,
      [id, userId, lifeMs, address, userAgent, tokenDigest],
    );
    return session;
  }

  async find(id: string): Promise<Session | null> {
    const [session] = await this.dataSource.query<Session[]>(
      `SELECT ${columns} FROM sessions s WHERE s.id = $1 AND s.expires_at > clock_timestamp()`,
      [id],
    );
    return session ?? null;
  }

  list(userId: string): Promise<Session[]> {
    return this.dataSource.query<Session[]>(
      `SELECT ${columns} FROM sessions s WHERE s.user_id = $1 AND s.expires_at > clock_timestamp()
       ORDER BY s.last_used_at DESC, s.id DESC`,
      [userId],
    );
  }

  async rotate(
    tokenDigest: string,
    next: { digest: string; salt: string },
    { lifeMs, graceMs }: { lifeMs: number; graceMs: number },
  ): Promise<Rotation> {
    const [session] = await this.dataSource.query<Session[]>(
      `WITH used AS (
         UPDATE refresh_tokens t SET used_at = clock_timestamp(), salt = $2, successor = $3
         FROM sessions s
         WHERE t.digest = $1 AND t.used_at IS NULL AND s.id = t.session_id AND s.expires_at > clock_timestamp()
         RETURNING t.session_id),
       added AS (INSERT INTO refresh_tokens (digest, session_id) SELECT $3, session_id FROM used)
       SELECT s.id, s.user_id AS "userId", s.created_at AS "createdAt", clock_timestamp() AS "lastUsedAt",
              clock_timestamp() + $4 * interval '1 ms' AS "expiresAt", s.address, s.user_agent AS "userAgent"
       FROM sessions s JOIN used ON used.session_id = s.id`,
      [tokenDigest, next.salt, next.digest, lifeMs],
    );
    if (!session) return this.usedBefore(tokenDigest, graceMs);
    await this.dataSource.query(`UPDATE sessions SET last_used_at = $2, expires_at = $3 WHERE id = $1`, [
      session.id,
      session.lastUsedAt,
      session.expiresAt,
    ]);
    return { outcome: 'rotated', session };
  }

  async end(id: string, userId: string): Promise<boolean> {
    const [, count] = await this.dataSource.query<[unknown[], number]>(
      `DELETE FROM sessions WHERE id = $1 AND user_id = $2 AND expires_at > clock_timestamp()`,
      [id, userId],
    );
    return count > 0;
  }

  async endAll(userId: string, exceptId?: string, tx?: Transaction): Promise<void> {
    const manager = tx ? entityManagerOf(tx) : this.dataSource.manager;
    await manager.query(`DELETE FROM sessions WHERE user_id = $1 AND id IS DISTINCT FROM $2::uuid`, [
      userId,
      exceptId ?? null,
    ]);
  }

  prune(ageMs: number, after: string | null, limit: number): Promise<PruneStep> {
    const isOld = `expires_at < ${databaseNow} - $3 * interval '1 ms'`;
    return pruneSlice(this.dataSource, { table: 'sessions', key: 'id', first: smallestId, isOld }, ageMs, after, limit);
  }

  pruneTokens(ageMs: number, after: string | null, limit: number): Promise<PruneStep> {
    const isOld = `used_at < ${databaseNow} - $3 * interval '1 ms'`;
    return pruneSlice(
      this.dataSource,
      { table: 'refresh_tokens', key: 'digest', first: '', isOld },
      ageMs,
      after,
      limit,
    );
  }

  private async usedBefore(tokenDigest: string, graceMs: number): Promise<Rotation> {
    const [found] = await this.dataSource.query<(Session & { salt: string; recent: boolean })[]>(
      `SELECT ${columns}, t.salt,
              t.used_at > clock_timestamp() - $2 * interval '1 ms' AND n.used_at IS NULL AS recent
       FROM refresh_tokens t
       JOIN sessions s ON s.id = t.session_id
       JOIN refresh_tokens n ON n.digest = t.successor
       WHERE t.digest = $1 AND s.expires_at > clock_timestamp()`,
      [tokenDigest, graceMs],
    );
    if (!found) return { outcome: 'unknown' };
    const { salt, recent, ...session } = found;
    return recent ? { outcome: 'repeated', session, salt } : { outcome: 'reused', session };
  }
}
