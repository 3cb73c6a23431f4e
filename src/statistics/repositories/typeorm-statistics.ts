import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { databaseNow, notAfter } from '../../database/clock-sql.js';
import { jobStatuses } from '../../jobs/domain/job-status.js';
import type { StoredJobStatus } from '../../jobs/domain/job-status.js';
import { runStates } from '../../runs/domain/run-state.js';
import type { RunState } from '../../runs/domain/run-state.js';
import type { IStatistics, WorkStatistics } from '../interfaces/statistics.js';

/** As the index `runs_by_time` knows it. */
const nominalAt = `(nominal_at AT TIME ZONE 'UTC')`;

interface Counted {
  name: string;
  count: number;
}

@Injectable()
export class TypeormStatistics implements IStatistics {
  constructor(private readonly dataSource: DataSource) {}

  async read(): Promise<WorkStatistics> {
    const [jobs, runs, [overdue]] = await Promise.all([
      this.dataSource.query<Counted[]>(`SELECT status AS name, count(*)::integer AS count FROM jobs GROUP BY status`),
      this.dataSource.query<Counted[]>(
        `SELECT state AS name, count(*)::integer AS count FROM runs
         WHERE ${nominalAt} > ${databaseNow} AT TIME ZONE 'UTC' - interval '24 hours'
           AND ${nominalAt} <= ${databaseNow} AT TIME ZONE 'UTC'
         GROUP BY state`,
      ),
      this.dataSource.query<[{ at: Date | null; ms: number | null }]>(
        `SELECT min(r.due_at) AS at, (extract(epoch FROM clock_timestamp() - min(r.due_at)) * 1000)::float8 AS ms
         FROM runs r JOIN jobs j ON j.id = r.job_id
         WHERE r.ended_at IS NULL AND r.state IN ('scheduled', 'retrying')
           AND ${notAfter('r.ring_at', `${databaseNow} + interval '1 hour'`)}
           AND r.due_at < ${databaseNow} AND j.status = 'pending'`,
      ),
    ]);
    return {
      jobs: counts(
        jobStatuses.filter((status): status is StoredJobStatus => status !== 'running'),
        jobs,
      ),
      runs: counts<RunState>(runStates, runs),
      oldestOverdueAt: overdue.at,
      overdueMs: overdue.ms === null ? null : Math.round(overdue.ms),
    };
  }
}

const counts = <Name extends string>(names: readonly Name[], rows: Counted[]): Record<Name, number> =>
  Object.fromEntries(names.map((name) => [name, rows.find((row) => row.name === name)?.count ?? 0])) as Record<
    Name,
    number
  >;
