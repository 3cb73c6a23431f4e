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
 * In the transaction of each submission. A count locks the user's row for itself: from here to the end of the transaction none
 * begins. The statement may have waited for one, and sees what was there when it began; but what it locks is looked at
 * anew where a column of a unique index has changed, as the generation is (`live_job_places_count`).
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
   * A submission shares its owner's row of `users` (`hold`, and whoever inserts jobs) until it ends. Locking that row waits
   * for all that are under way, and lets those that come after see that the generation has changed.
   */
  recount(userId: string, atMost: number): Promise<number> {
    return this.dataSource.transaction((manager) => recount(manager, userId, 0, atMost));
  }

  recountAlone(tx: Transaction, userId: string, adding: number, atMost: number): Promise<number> {
    return recount(entityManagerOf(tx), userId, adding, atMost);
  }

  async hold(tx: Transaction, promises: readonly PromisedPlaces[]): Promise<void> {
    const values = [promises.map(({ userId }) => userId), promises.map(({ generation }) => generation)];
    await queryIn(tx, hold, values);
  }

  async count(userId: string, atMost: number): Promise<number> {
    const [{ live }] = await this.dataSource.query<[{ live: number }]>(liveJobs, [userId, atMost]);
    return live;
  }
}

async function recount(manager: EntityManager, userId: string, adding: number, atMost: number): Promise<number> {
  await manager.query('SELECT FROM users WHERE id = $1 FOR UPDATE', [userId]);
  const [{ live }] = await manager.query<[{ live: number }]>(liveJobs, [userId, atMost]);
  await manager.query(
    `INSERT INTO live_job_places AS p (user_id, generation, promised) SELECT id, 1, $2 FROM users WHERE id = $1
     ON CONFLICT (user_id) DO UPDATE SET generation = p.generation + 1, promised = excluded.promised`,
    [userId, live + adding <= atMost ? live + adding : live],
  );
  return live;
}
