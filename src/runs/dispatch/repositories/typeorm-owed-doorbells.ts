import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { databaseNow, notAfter } from '../../../database/clock-sql.js';
import { Config } from '../../../config/config.js';
import type { Ring } from '../../domain/ring.js';
import type { IOwedDoorbells } from '../interfaces/owed-doorbells.js';
import { nextRingAt, putAway, ringColumns } from '../../repositories/ring-sql.js';

@Injectable()
export class TypeormOwedDoorbells implements IOwedDoorbells {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(Config) private readonly config: Config,
  ) {}

  async takeOwed(limit: number): Promise<Ring[]> {
    const [rows] = await this.dataSource.query<[Ring[], number]>(
      `WITH owed AS (
         SELECT r.id, r.job_id FROM runs r
         WHERE r.ended_at IS NULL AND r.state IN ('scheduled', 'retrying') AND r.ring_at <= ${databaseNow}
         ORDER BY r.ring_at
         LIMIT $1
         FOR UPDATE SKIP LOCKED
       ), stopped AS (
         -- Locked, as by whoever resumes it: either the job stays paused until this has committed, or it is left alone.
         SELECT id FROM jobs
         WHERE id = ANY (ARRAY (SELECT job_id FROM owed)) AND status = 'paused'
         FOR NO KEY UPDATE SKIP LOCKED
       )
       UPDATE runs r SET
         rings = least(r.rings + 1, 1000),
         ring_at = CASE WHEN r.trigger <> 'manual' AND r.job_id IN (SELECT id FROM stopped) THEN ${putAway}
                        ELSE ${nextRingAt(this.config.engine.ringAgainAfterMs)} END
       WHERE r.id = ANY (ARRAY (SELECT id FROM owed))
       RETURNING ${ringColumns}, (SELECT j.user_id FROM jobs j WHERE j.id = r.job_id) AS "userId"`,
      [limit],
    );
    return rows;
  }

  async oweAll(): Promise<number> {
    const [, count] = await this.dataSource.query<[unknown[], number]>(
      `UPDATE runs SET ring_at = clock_timestamp(), rings = 0
       WHERE ended_at IS NULL AND state IN ('scheduled', 'retrying')
         AND ${notAfter('ring_at', `${databaseNow} + interval '1 hour'`)}
         AND due_at <= ${databaseNow} + $1 * interval '1 ms'
         AND rings > 0`,
      [this.config.engine.horizonMs],
    );
    return count;
  }
}
