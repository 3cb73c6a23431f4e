import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { databaseNow, notAfter } from '../../database/clock-sql.js';
import { isRunning } from '../../database/running-runs-sql.js';
import type { Backlog, IBacklog } from '../interfaces/backlog.js';

const keepMs = 2_000;
/** Counting stops here: the exact size of a huge backlog is not worth a scan at each scrape. */
const countedAtMost = 100_000;

/** Asks at most every two seconds, however often it is scraped. */
@Injectable()
export class TypeormBacklog implements IBacklog {
  private latest: { askedMs: number; answer: Promise<Backlog> } | undefined;

  constructor(private readonly dataSource: DataSource) {}

  read(nowMs: number): Promise<Backlog> {
    if (!this.latest || nowMs - this.latest.askedMs > keepMs) this.latest = { askedMs: nowMs, answer: this.ask() };
    return this.latest.answer;
  }

  private async ask(): Promise<Backlog> {
    const [row] = await this.dataSource.query<[Backlog]>(
      `SELECT overdue.count::integer AS overdue,
              coalesce(extract(epoch FROM clock_timestamp() - overdue.oldest), 0)::float8 AS "oldestOverdueSeconds",
              (SELECT count(*) FROM runs r WHERE ${isRunning})::integer AS running,
              (SELECT greatest(coalesce(extract(epoch FROM clock_timestamp() - min(next_run_at)), 0), 0)
               FROM jobs WHERE status = 'pending' AND next_run_at IS NOT NULL)::float8 AS "plannerLagSeconds",
              coalesce((SELECT missing FROM ledger_audits ORDER BY ended_at DESC LIMIT 1), 0)::integer AS "missingTimes",
              coalesce((SELECT a.violations FROM run_audits a ORDER BY ended_at DESC LIMIT 1), 0)::integer AS violations
       FROM (
         SELECT count(*), min(due_at) AS oldest FROM (
           SELECT r.due_at FROM runs r
           WHERE r.ended_at IS NULL AND r.state IN ('scheduled', 'retrying')
             AND ${notAfter('r.ring_at', `${databaseNow} + interval '1 hour'`)}
             AND r.due_at < ${databaseNow}
             AND (SELECT j.status FROM jobs j WHERE j.id = r.job_id) <> 'paused'
           LIMIT ${countedAtMost}
         ) AS due
       ) AS overdue`,
    );
    return row;
  }
}
