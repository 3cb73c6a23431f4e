import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { databaseNow, notAfter } from '../../../database/clock-sql.js';
import { plainArray } from '../../../database/statements/plain-array.js';
import { ReservedPool } from '../../../database/reserved-pool.js';
import { Config } from '../../../config/config.js';
import type { ClaimedRun } from '../../domain/claimed-run.js';
import type { SettledRun, Settlement } from '../domain/settlement.js';
import type { ExpiredRun, HeldRun, IRunLeases, OwnedRun, RenewedRun, WaitingRun } from '../interfaces/run-leases.js';
import type { Claimant } from '../../domain/claimed-run.js';
import { claimStatement, claimedRun } from './claim-sql.js';
import { renewStatement } from './renew-sql.js';
import { committedSettlements, settleStatement, settleSuccessesStatement } from './settle-sql.js';
import type { UnusualRow } from './settle-sql.js';
import { isSuccess, settlementValues, successValues } from './settlement-values.js';
import { jobLetsStart } from '../../repositories/start-sql.js';

@Injectable()
export class TypeormRunLeases implements IRunLeases {
  constructor(
    private readonly dataSource: DataSource,
    @Inject(Config) private readonly config: Config,
    @Inject(ReservedPool) private readonly reserved: Pick<ReservedPool, 'query'>,
  ) {}

  async claim(runIds: string[], { workerId, leaseMs, aheadMs }: Claimant): Promise<ClaimedRun[]> {
    const rows = await claimStatement.query(this.dataSource, [plainArray(runIds), workerId, leaseMs, aheadMs]);
    return rows.map(claimedRun);
  }

  findDue(limit: number, overdueMs = 0, without: string[] = []): Promise<OwnedRun[]> {
    // A run that was rung for has a `ring_at` shortly after its due time: the bound limits the scan to near runs. The other
    // conditions are subqueries for each run: the planner cannot know how few runs remain, and in a join it may read all jobs.
    return this.dataSource.query<OwnedRun[]>(
      `SELECT r.id AS "runId", (SELECT j.user_id FROM jobs j WHERE j.id = r.job_id) AS "userId"
       FROM runs r
       WHERE r.ended_at IS NULL
         AND r.state IN ('scheduled', 'retrying')
         AND ${notAfter('r.ring_at', `${databaseNow} + interval '1 hour'`)}
         AND r.due_at <= ${databaseNow} - $2 * interval '1 ms'
         AND (SELECT ${jobLetsStart} AND j.user_id <> ALL ($3::uuid[]) FROM jobs j WHERE j.id = r.job_id)
         AND (SELECT h.state FROM runs h WHERE h.id = r.held_by AND h.state IN ('running', 'retrying')) IS NULL
       ORDER BY r.ring_at
       LIMIT $1`,
      [limit, overdueMs, without],
    );
  }

  ownersOf(runIds: string[]): Promise<OwnedRun[]> {
    return this.dataSource.query<OwnedRun[]>(
      `SELECT r.id AS "runId", j.user_id AS "userId" FROM runs r JOIN jobs j ON j.id = r.job_id WHERE r.id = ANY ($1::uuid[])`,
      [runIds],
    );
  }

  waiting(runIds: string[]): Promise<WaitingRun[]> {
    return this.dataSource.query<WaitingRun[]>(
      `SELECT r.id AS "runId", r.job_id AS "jobId", r.gated,
              (extract(epoch FROM r.due_at - clock_timestamp()) * 1000)::float8 AS "waitMs"
       FROM runs r JOIN jobs j ON j.id = r.job_id
       WHERE r.id = ANY ($1::uuid[])
         AND r.state IN ('scheduled', 'retrying')
         AND ${jobLetsStart}`,
      [runIds],
    );
  }

  renew(held: HeldRun[], leaseMs: number): Promise<RenewedRun[]> {
    // On a reserved connection: slow statements that exhaust the pool must not cost this worker its leases.
    return this.reserved.query(renewStatement, [
      held.map(({ runId }) => runId),
      held.map(({ leaseToken }) => leaseToken),
      leaseMs,
    ]);
  }

  confirm(held: HeldRun[]): Promise<{ runId: string; cancelRequested: boolean }[]> {
    return this.reserved.query(
      `UPDATE runs r SET
         attempt_started_at = CASE WHEN r.cancel_requested_at IS NULL THEN clock_timestamp() ELSE r.attempt_started_at END
       FROM unnest($1::uuid[], $2::bigint[]) AS held (run_id, lease_token)
       WHERE r.id = held.run_id AND r.lease_token = held.lease_token AND r.state = 'running'
       RETURNING r.id AS "runId", r.cancel_requested_at IS NOT NULL AS "cancelRequested"`,
      [held.map(({ runId }) => runId), held.map(({ leaseToken }) => leaseToken)],
    );
  }

  async settle(settlements: Settlement[]): Promise<SettledRun[]> {
    const successes = settlements.filter(isSuccess);
    const others = settlements.filter((settlement) => !isSuccess(settlement));
    const settled = await Promise.all([this.settleSuccesses(successes), this.settleOthers(others)]);
    return settled.flat();
  }

  private async settleSuccesses(successes: Settlement[]): Promise<SettledRun[]> {
    if (successes.length === 0) return [];
    return settledRuns(successes, await settleSuccessesStatement.query(this.dataSource, successValues(successes)));
  }

  private async settleOthers(others: Settlement[]): Promise<SettledRun[]> {
    if (others.length === 0) return [];
    const values = settlementValues(others, this.config.engine.ringAgainAfterMs);
    return settledRuns(others, await settleStatement.query(this.dataSource, values));
  }

  committed(settlements: Settlement[]): Promise<SettledRun[]> {
    return this.dataSource.query<SettledRun[]>(committedSettlements, [
      settlements.map(({ runId }) => runId),
      settlements.map(({ leaseToken }) => leaseToken),
      settlements.map(({ execution }) => execution.status),
    ]);
  }

  findExpired(limit: number): Promise<ExpiredRun[]> {
    return this.dataSource.query<ExpiredRun[]>(
      `SELECT r.id AS "runId", r.job_id AS "jobId", j.user_id AS "userId", r.lease_token AS "leaseToken", r.worker_id AS "workerId", r.attempts AS attempt,
              r.due_at AS "dueAt", r.cancel_requested_at IS NOT NULL AS "cancelRequested", j.handler,
              j.max_retries AS "maxRetries", j.retry_delay_ms AS "retryDelayMs", j.on_lost AS "onLost",
              j.notify_on_failure AS "notifyOnFailure"
       FROM runs r JOIN jobs j ON j.id = r.job_id
       WHERE r.ended_at IS NULL
         AND ${notAfter('r.ring_at', databaseNow)}
         AND r.state = 'running'
         AND r.lease_until < ${databaseNow}
       ORDER BY r.lease_until
       LIMIT $1`,
      [limit],
    );
  }
}

function settledRuns(settlements: Settlement[], rows: UnusualRow[]): SettledRun[] {
  const unusual = new Map(rows.map((row) => [row.n, row]));
  return settlements.flatMap(({ runId, jobId, verdict: { state } }, index) => {
    const row = unusual.get(index + 1);
    if (!row) return [{ runId, jobId, state, dueInMs: null, gated: false }];
    return row.settled ? [{ runId, jobId, state: row.state ?? state, dueInMs: row.dueInMs, gated: row.gated }] : [];
  });
}
