import { Inject, Injectable } from '@nestjs/common';
import { DataSource, IsNull } from 'typeorm';
import { Config } from '../../config/config.js';
import { listedText, truncatedOf } from '../../database/listed-sql.js';
import { isRunning } from '../../database/running-runs-sql.js';
import { entityManagerOf, queryIn } from '../../database/typeorm-transaction-runner.js';
import type { JsonObject } from '../../kernel/json.js';
import { listedTextBytes } from '../../kernel/listed.js';
import { countNeeded, pageOf } from '../../kernel/page.js';
import type { Page, PageRequest } from '../../kernel/page.js';
import type { Transaction } from '../../kernel/transaction.js';
import { startDeadlineMs } from '../domain/start-deadline.js';
import type { Execution, ListedExecution } from '../domain/execution.js';
import type { ListedRun, NewRun, Run, RunReason } from '../domain/run.js';
import type { RunFilter } from '../domain/run-filter.js';
import type { RunState } from '../domain/run-state.js';
import { EarlierExecutionEntity } from '../entities/earlier-execution.entity.js';
import { LogLineEntity } from '../entities/log-line.entity.js';
import { PrunedHistoryEntity } from '../entities/pruned-history.entity.js';
import { RunEntity } from '../entities/run.entity.js';
import type { Ring } from '../domain/ring.js';
import type { InsertClaim, InsertedRun, IRunRepository, StartsOf } from '../interfaces/run-repository.js';
import { insert, insertClaimed, insertClaimedIfAbsent, insertIfAbsent, insertValues } from './insert-sql.js';
import { executionsCount, executionsPage, oneExecution, ownerOf } from './list-sql.js';
import { ringColumns } from './ring-sql.js';
import { searchRuns } from './run-list-sql.js';

/** What the schedule has planned and nobody has attempted, suppressed times included. */
const isPlanned = `trigger = 'schedule' AND lease_token = 0
  AND (state = 'scheduled' OR state = 'skipped' AND reason = 'calendar')`;

@Injectable()
export class TypeormRunRepository implements IRunRepository {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(Config) private readonly config: Config,
  ) {}

  async now(tx: Transaction): Promise<Date> {
    const [row] = await entityManagerOf(tx).query<[{ now: Date }]>('SELECT clock_timestamp() AS now');
    return row.now;
  }

  async insert(tx: Transaction, runs: NewRun[], ifAbsent = false): Promise<Ring[]> {
    if (runs.length === 0) return [];
    return queryIn(tx, ifAbsent ? insertIfAbsent : insert, insertValues(runs, this.config.engine));
  }

  async insertClaimed(
    tx: Transaction,
    runs: NewRun[],
    birthright: InsertClaim,
    ifAbsent = false,
  ): Promise<InsertedRun[]> {
    if (runs.length === 0) return [];
    return queryIn(
      tx,
      ifAbsent ? insertClaimedIfAbsent : insertClaimed,
      insertValues(runs, this.config.engine, birthright),
    );
  }

  find(runId: string, tx?: Transaction): Promise<Run | null> {
    return (tx ? entityManagerOf(tx) : this.dataSource.manager).findOneBy(RunEntity, { id: runId });
  }

  async findByJob(jobId: string, filter: RunFilter, page: PageRequest): Promise<Page<ListedRun>> {
    const search = searchRuns(jobId, filter);
    const { manager } = this.dataSource;
    const order = filter.order === 'asc' ? 'ASC' : 'DESC';
    const reason = listedText('reasonDetail', '"run".reason_detail', listedTextBytes(page.limit));
    const [{ entities, raw }, counted] = await Promise.all([
      manager
        .createQueryBuilder(RunEntity, 'run')
        .select(this.listedColumns())
        .addSelect(reason.shown, 'reason_shown')
        .addSelect(truncatedOf([reason]), 'truncated')
        .where(`run.id IN (${search.page(page.limit, (page.page - 1) * page.limit)})`, search.parameters)
        .orderBy('run.nominalAt', order)
        .addOrderBy('run.id', order)
        .getRawAndEntities<{ reason_shown: string | null; truncated: string[] }>(),
      manager
        .createQueryBuilder()
        .select('count(*)::integer', 'total')
        .from(`(${search.first(countNeeded(page))})`, 'counted')
        .setParameters(search.parameters)
        .getRawOne<{ total: number }>(),
    ]);
    const rows = entities.map((run, index) => {
      const { reason_shown: reasonDetail = null, truncated = [] } = raw[index] ?? {};
      return Object.assign(run, { reasonDetail, truncated });
    });
    return pageOf(rows, counted?.total ?? 0, page);
  }

  /** All but what a list does not show, or shows otherwise. */
  private listedColumns(): string[] {
    const others = ['payload', 'result', 'reasonDetail'];
    const { columns } = this.dataSource.getMetadata(RunEntity);
    return columns
      .filter(({ propertyName }) => !others.includes(propertyName))
      .map((column) => `run.${column.propertyName}`);
  }

  async execution(runId: string, attemptNumber: number): Promise<Execution | null> {
    const [row] = await this.dataSource.query<Execution[]>(oneExecution, [runId, attemptNumber]);
    return row ?? null;
  }

  async executions(of: { jobId: string } | { runId: string }, page: PageRequest): Promise<Page<ListedExecution>> {
    const owner = ownerOf(of);
    const [rows, [counted]] = await Promise.all([
      this.dataSource.query<ListedExecution[]>(executionsPage(owner, page.limit), [
        owner.id,
        page.limit,
        (page.page - 1) * page.limit,
      ]),
      this.dataSource.query<[{ total: number }]>(executionsCount(owner), [owner.id, countNeeded(page)]),
    ]);
    return pageOf(rows, counted.total, page);
  }

  async cancelByJob(tx: Transaction, jobId: string, reason: RunReason): Promise<{ ended: number; asked: number }> {
    const rows = await this.cancelWhere(tx, 'job_id = $1', jobId, reason);
    return {
      ended: rows.filter(({ state }) => state === 'cancelled').length,
      asked: rows.filter(({ state }) => state === 'running').length,
    };
  }

  async cancel(tx: Transaction, runId: string, reason: RunReason): Promise<'unstarted' | 'ended' | 'asked' | null> {
    const [run] = await this.cancelWhere(tx, 'id = $1', runId, reason);
    if (!run) return null;
    if (run.state === 'running') return 'asked';
    return run.unstarted ? 'unstarted' : 'ended';
  }

  async msUntilStartsSettled(of: StartsOf, tx?: Transaction): Promise<number> {
    const manager = tx ? entityManagerOf(tx) : this.dataSource.manager;
    const [runs, id] = runningOf(of);
    const [row] = await manager.query<[{ ms: number | null }]>(
      `SELECT (extract(epoch FROM max(r.attempt_started_at) - clock_timestamp()) * 1000)::float8 + $2 AS ms FROM ${runs}`,
      [id, startDeadlineMs],
    );
    return row.ms ?? 0;
  }

  async deletePlanned(tx: Transaction, jobId: string, after: Date): Promise<number> {
    const [rows] = await entityManagerOf(tx).query<[{ state: RunState }[], number]>(
      `DELETE FROM runs
       WHERE job_id = $1 AND nominal_at > $2 AND ${isPlanned}
       RETURNING state`,
      [jobId, after],
    );
    return rows.filter(({ state }) => state === 'scheduled').length;
  }

  async jobsPlannedAfter(tx: Transaction, jobIds: string[], after: Date): Promise<string[]> {
    const rows = await entityManagerOf(tx).query<{ id: string }[]>(
      `SELECT job.id FROM unnest($1::uuid[]) AS job (id)
       WHERE EXISTS (SELECT FROM runs WHERE job_id = job.id AND nominal_at > $2 AND ${isPlanned})`,
      [jobIds, after],
    );
    return rows.map(({ id }) => id);
  }

  async deleteUnstarted(
    tx: Transaction,
    jobId: string,
    after: Date,
  ): Promise<{ count: number; earliest: Date | null }> {
    const [rows] = await entityManagerOf(tx).query<[{ nominal_at: Date }[], number]>(
      `DELETE FROM runs
       WHERE job_id = $1 AND nominal_at > $2 AND state = 'scheduled' AND trigger = 'schedule' AND lease_token = 0
         AND held_by IS NULL AND NOT keeps_place
       RETURNING nominal_at`,
      [jobId, after],
    );
    const times = rows.map((row) => row.nominal_at.getTime());
    return { count: times.length, earliest: times.length > 0 ? new Date(Math.min(...times)) : null };
  }

  spansFrom(tx: Transaction, jobId: string, from: Date): Promise<{ first: Date; last: Date }[]> {
    // Ranges do not overlap, so only the last one before `from` can reach over it.
    return entityManagerOf(tx).query<{ first: Date; last: Date }[]>(
      `(SELECT nominal_at AS first, coalesce(nominal_until, nominal_at) AS last FROM runs
        WHERE job_id = $1 AND trigger = 'schedule' AND nominal_at >= $2)
       UNION ALL
       (SELECT nominal_at, nominal_until FROM (
          SELECT nominal_at, nominal_until FROM runs
          WHERE job_id = $1 AND trigger = 'schedule' AND nominal_at < $2 AND nominal_until IS NOT NULL
          ORDER BY nominal_at DESC LIMIT 1) AS range
        WHERE nominal_until >= $2)`,
      [jobId, from],
    );
  }

  ringWaiting(tx: Transaction, jobId: string): Promise<Ring[]> {
    // Also the far ones, which may have been put away when the horizon was wider, or the clock ahead.
    return entityManagerOf(tx).query<Ring[]>(
      `WITH r AS (
         UPDATE runs SET
           rings = CASE WHEN due_at <= near.until THEN 1 ELSE 0 END,
           ring_at = CASE WHEN due_at <= near.until THEN greatest(due_at, clock_timestamp()) + $2 * interval '1 ms'
                          ELSE due_at - $3 * interval '1 ms' END
         FROM (SELECT clock_timestamp() + $3 * interval '1 ms' AS until OFFSET 0) AS near
         WHERE job_id = $1 AND ended_at IS NULL AND state IN ('scheduled', 'retrying')
         RETURNING id, due_at, rings
       )
       SELECT ${ringColumns} FROM r WHERE rings > 0`,
      [jobId, this.config.engine.ringAgainAfterMs, this.config.engine.horizonMs],
    );
  }

  async keepPayload(tx: Transaction, jobId: string, payload: JsonObject): Promise<void> {
    await entityManagerOf(tx).query(
      `UPDATE runs SET payload = $2
       WHERE job_id = $1 AND ended_at IS NULL AND payload IS NULL
         AND (state = 'retrying' OR state = 'scheduled' AND due_at <= clock_timestamp())`,
      [jobId, JSON.stringify(payload)],
    );
  }

  async bringToGate(tx: Transaction, jobId: string): Promise<void> {
    await entityManagerOf(tx).query(
      `UPDATE runs SET gated = true, keeps_place = true WHERE job_id = $1 AND ended_at IS NULL AND NOT gated`,
      [jobId],
    );
  }

  lockLive(tx: Transaction, jobId: string): Promise<Run[]> {
    return entityManagerOf(tx).find(RunEntity, {
      where: { jobId, endedAt: IsNull() },
      order: { nominalAt: 'ASC' },
      lock: { mode: 'for_no_key_update' },
    });
  }

  async deleteByJob(tx: Transaction, jobId: string): Promise<void> {
    const manager = entityManagerOf(tx);
    await manager.query('DELETE FROM failure_notices WHERE run_id IN (SELECT id FROM runs WHERE job_id = $1)', [jobId]);
    await manager.delete(RunEntity, { jobId });
    await manager.delete(EarlierExecutionEntity, { jobId });
    await manager.delete(LogLineEntity, { jobId });
    await manager.delete(PrunedHistoryEntity, { jobId });
  }

  /** @returns the resulting state of each run that was live */
  private async cancelWhere(
    tx: Transaction,
    where: string,
    id: string,
    reason: RunReason,
  ): Promise<{ state: RunState; unstarted: boolean }[]> {
    const [rows] = await entityManagerOf(tx).query<[{ state: RunState; unstarted: boolean }[], number]>(
      `UPDATE runs SET
         state = CASE WHEN state = 'running' THEN state ELSE 'cancelled' END,
         reason = $2,
         ended_at = CASE WHEN state = 'running' THEN ended_at ELSE clock_timestamp() END,
         cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp())
       WHERE ${where} AND ended_at IS NULL
       RETURNING state, lease_token = 0 AS unstarted`,
      [id, reason],
    );
    return rows;
  }
}

/** Which runs are running, of $1. Those of a user are looked for among all that run: they are few, and the user's jobs may be many. */
function runningOf(of: StartsOf): [sql: string, id: string] {
  if ('userId' in of)
    return [`runs r WHERE ${isRunning} AND (SELECT j.user_id FROM jobs j WHERE j.id = r.job_id) = $1`, of.userId];
  const { runColumn, id } = ownerOf(of);
  return [`runs r WHERE r.${runColumn} = $1 AND r.ended_at IS NULL AND r.state = 'running'`, id];
}
