import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { EntityManager } from 'typeorm';
import { SharedStatement } from '../../database/statements/shared-statement.js';
import { entityManagerOf, queryIn } from '../../database/typeorm-transaction-runner.js';
import type { Transaction } from '../../kernel/transaction.js';
import type { ILiveJobs } from '../../quotas/interfaces/live-jobs.js';
import { PlacesVoid } from '../interfaces/live-job-places.js';
import type { ILiveJobPlaces, PlacesGeneration, PromisedPlaces } from '../interfaces/live-job-places.js';

const liveJobs = `SELECT count(*)::integer AS live FROM (
  SELECT FROM jobs WHERE user_id = $1 AND status IN ('pending', 'paused') LIMIT $2) AS counted`;

/**
 * Runs in the transaction of each submission. A count locks the user's row exclusively, so no count starts from this statement to
 * the end of the transaction. The statement may have waited for a count, and its snapshot is older than that count. PostgreSQL
 * nevertheless reads a locked row again when a column of a unique index has changed, as `generation` has (`live_job_places_count`).
 */
const hold = new SharedStatement('hold_places', {
  answer: `SELECT refuse_void_places() AS held
           FROM (SELECT FROM unnest($1::uuid[], $2::bigint[]) AS promised (user_id, generation)
                 JOIN users u ON u.id = promised.user_id
                 JOIN live_job_places p ON p.user_id = promised.user_id AND p.generation = promised.generation
                 FOR KEY SHARE OF u, p) AS held
           HAVING count(*) < cardinality($1::uuid[])`,
  refusal: ({ constraint }) => (constraint === 'live_job_places_generation' ? new PlacesVoid() : undefined),
});

@Injectable()
export class TypeormLiveJobPlaces implements ILiveJobPlaces, ILiveJobs {
  constructor(private readonly dataSource: DataSource) {}

  async promise(userId: string, count: number, limit: number): Promise<PlacesGeneration | null> {
    const [rows] = await this.dataSource.query<[{ generation: string }[], number]>(
      `UPDATE live_job_places SET promised = promised + $2::bigint
       WHERE user_id = $1 AND promised + $2::bigint <= $3::bigint
       RETURNING generation`,
      [userId, count, limit],
    );
    return rows[0]?.generation ?? null;
  }

  /**
   * Each submission has a shared lock on its owner's row of `users` until it ends (taken by `hold` and by the insert of jobs). The
   * exclusive lock of a count waits for all running submissions. Later submissions see the changed generation.
   */
  recount(userId: string, max: number): Promise<number> {
    return this.dataSource.transaction((manager) => recount(manager, userId, 0, max));
  }

  recountAlone(tx: Transaction, userId: string, adding: number, max: number): Promise<number> {
    return recount(entityManagerOf(tx), userId, adding, max);
  }

  async hold(tx: Transaction, promises: readonly PromisedPlaces[]): Promise<void> {
    const values = [promises.map(({ userId }) => userId), promises.map(({ generation }) => generation)];
    await queryIn(tx, hold, values);
  }

  async count(userId: string, max: number): Promise<number> {
    const [{ live }] = await this.dataSource.query<[{ live: number }]>(liveJobs, [userId, max]);
    return live;
  }
}

async function recount(manager: EntityManager, userId: string, adding: number, max: number): Promise<number> {
  await manager.query('SELECT FROM users WHERE id = $1 FOR UPDATE', [userId]);
  const [{ live }] = await manager.query<[{ live: number }]>(liveJobs, [userId, max]);
  await manager.query(
    `INSERT INTO live_job_places AS p (user_id, generation, promised) SELECT id, 1, $2 FROM users WHERE id = $1
     ON CONFLICT (user_id) DO UPDATE SET generation = p.generation + 1, promised = excluded.promised`,
    [userId, live + adding <= max ? live + adding : live],
  );
  return live;
}
