import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { entityManagerOf } from '../../../database/typeorm-transaction-runner.js';
import type { Transaction } from '../../../kernel/transaction.js';
import type { ClaimedRun } from '../../domain/claimed-run.js';
import type { GateRun, StartDecision } from '../domain/start-decision.js';
import type { GatedJob, IRunGates } from '../interfaces/run-gates.js';
import type { Claimant } from '../../domain/claimed-run.js';
import { claimedColumns, claimedRun, startAttempt } from './claim-sql.js';
import type { ClaimedRow } from './claim-sql.js';
import { jobLetsStart } from '../../repositories/start-sql.js';

/** Maximum of live runs of one job that one pass through the gates reads: a backlog is worked off in pieces. */
const maxRunsPerJob = 200;

type Placed = Pick<GateRun, 'runId' | 'heldBy' | 'keepsPlace'>;

/** A run that a worker has handed back also keeps its turn. */
const keepsPlace = `(r.keeps_place OR r.state = 'scheduled' AND r.lease_token > 0)`;
const unlooked = `r.state = 'scheduled' AND r.trigger = 'schedule' AND r.held_by IS NULL AND NOT ${keepsPlace}`;

@Injectable()
export class TypeormRunGates implements IRunGates {
  constructor(private readonly dataSource: DataSource) {}

  async lock(tx: Transaction, jobIds: string[], lockWaitMs = 0): Promise<GatedJob[]> {
    const manager = entityManagerOf(tx);
    if (lockWaitMs > 0) await manager.query(`SELECT set_config('lock_timeout', $1, true)`, [`${lockWaitMs}ms`]);
    const jobs = await manager.query<Omit<GatedJob, 'runs' | 'unseen'>[]>(
      `SELECT id AS "jobId", overlap_policy AS "overlapPolicy", catchup, schedule, next_run_at AS "nextRunAt",
              planned_count AS "plannedCount", active_until AS "activeUntil", clock_timestamp() AS now
       FROM jobs WHERE id = ANY ($1::uuid[])
       ORDER BY id
       FOR NO KEY UPDATE ${lockWaitMs > 0 ? '' : 'SKIP LOCKED'}`,
      [jobIds],
    );
    const runs = await manager.query<(GateRun & { jobId: string; unlooked: number })[]>(
      `SELECT live.* FROM unnest($1::uuid[]) AS job (id) CROSS JOIN LATERAL (
         SELECT r.job_id AS "jobId", r.id AS "runId", r.state, r.trigger, r.nominal_at AS "nominalAt", r.due_at AS "dueAt",
                r.created_at > r.due_at AS "plannedLate", r.started_at AS "startedAt", r.held_by AS "heldBy", ${keepsPlace} AS "keepsPlace",
                (count(*) FILTER (WHERE ${unlooked}) OVER ())::integer AS unlooked
         FROM runs r JOIN jobs j ON j.id = r.job_id
         WHERE r.job_id = job.id AND r.gated
           AND r.ended_at IS NULL
           AND (r.state <> 'scheduled'
                OR r.due_at <= clock_timestamp() AND ${jobLetsStart})
         ORDER BY (r.state = 'scheduled'), r.nominal_at
         LIMIT ${maxRunsPerJob}
       ) AS live`,
      [jobs.map(({ jobId }) => jobId)],
    );
    return jobs.map((job) => {
      const rows = runs.filter(({ jobId }) => jobId === job.jobId);
      const seen = rows.filter(({ state, trigger, heldBy, keepsPlace: kept }) => {
        return state === 'scheduled' && trigger === 'schedule' && heldBy === null && !kept;
      });
      return { ...job, runs: rows, unseen: (rows[0]?.unlooked ?? 0) - seen.length };
    });
  }

  async decide(tx: Transaction, decisions: StartDecision[]): Promise<void> {
    const ended = decisions.filter((decision) => decision.kind === 'end');
    const placed = decisions.flatMap((decision): Placed[] => {
      if (decision.kind === 'wait') return [decision];
      return decision.kind === 'start' && decision.keepsPlace ? [{ ...decision, heldBy: null }] : [];
    });
    const cancelled = decisions.filter((decision) => decision.kind === 'cancel');
    const manager = entityManagerOf(tx);
    if (ended.length > 0)
      await manager.query(
        `UPDATE runs r SET state = d.state, reason = d.reason, reason_detail = d.detail, held_by = d.held_by,
                ended_at = clock_timestamp()
         FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[])
           AS d (run_id, state, reason, detail, held_by)
         WHERE r.id = d.run_id AND r.state = 'scheduled'`,
        [
          ended.map(({ runId }) => runId),
          ended.map(({ state }) => state),
          ended.map(({ reason }) => reason),
          ended.map(({ detail }) => detail),
          ended.map(({ heldBy }) => heldBy),
        ],
      );
    if (placed.length > 0)
      await manager.query(
        `UPDATE runs r SET held_by = d.held_by, keeps_place = r.keeps_place OR d.keeps_place
         FROM unnest($1::uuid[], $2::uuid[], $3::boolean[]) AS d (run_id, held_by, keeps_place)
         WHERE r.id = d.run_id AND r.state IN ('scheduled', 'retrying')
           AND (r.held_by IS DISTINCT FROM d.held_by OR d.keeps_place AND NOT r.keeps_place)`,
        [
          placed.map(({ runId }) => runId),
          placed.map(({ heldBy }) => heldBy),
          placed.map(({ keepsPlace: kept }) => kept),
        ],
      );
    if (cancelled.length > 0)
      await manager.query(
        `UPDATE runs SET
           cancel_requested_at = coalesce(cancel_requested_at, clock_timestamp()),
           state = CASE state WHEN 'retrying' THEN 'cancelled' ELSE state END,
           ended_at = CASE state WHEN 'retrying' THEN clock_timestamp() END,
           reason = 'cancelled_by_overlap'
         WHERE id = ANY ($1::uuid[]) AND state IN ('running', 'retrying') AND cancel_requested_at IS NULL`,
        [cancelled.map(({ runId }) => runId)],
      );
  }

  async claim(tx: Transaction, runIds: string[], claimant: Claimant): Promise<ClaimedRun[]> {
    if (runIds.length === 0) return [];
    const [rows] = await entityManagerOf(tx).query<[ClaimedRow[], number]>(
      `WITH taken AS (
         SELECT id FROM runs
         WHERE id = ANY ($1::uuid[]) AND state IN ('scheduled', 'retrying') AND due_at <= clock_timestamp()
         FOR UPDATE SKIP LOCKED
       )
       UPDATE runs r SET ${startAttempt('$2', `$3 * interval '1 ms'`)}, held_by = NULL
       FROM taken, jobs j
       WHERE r.id = taken.id AND j.id = r.job_id
       RETURNING ${claimedColumns}`,
      [runIds, claimant.workerId, claimant.leaseMs],
    );
    return rows.map(claimedRun);
  }

  nextInLine(jobIds: string[]): Promise<{ runId: string; jobId: string }[]> {
    return this.dataSource.query<{ runId: string; jobId: string }[]>(
      `SELECT next.id AS "runId", job.id AS "jobId" FROM unnest($1::uuid[]) AS job (id) CROSS JOIN LATERAL (
         SELECT id FROM runs r
         WHERE r.job_id = job.id AND r.ended_at IS NULL AND r.state IN ('scheduled', 'retrying') AND r.due_at <= clock_timestamp()
         ORDER BY nominal_at LIMIT 1
       ) AS next`,
      [jobIds],
    );
  }
}
