import { newId } from '../../../src/kernel/ids.js';
import type { ClaimedRun } from '../../../src/runs/domain/claimed-run.js';
import type { SettledRun, Settlement } from '../../../src/runs/execution/domain/settlement.js';
import type {
  ExpiredRun,
  HeldRun,
  IRunLeases,
  OwnedRun,
  RenewedRun,
  WaitingRun,
} from '../../../src/runs/execution/interfaces/run-leases.js';
import type { Claimant } from '../../../src/runs/domain/claimed-run.js';
import { claimOne } from './claim.js';
import { after, change, rowsOf, waits } from './database.js';
import type { InMemoryDatabase, RunRow, Tables } from './database.js';

const oneHourMs = 3_600_000;

export class InMemoryRunLeases implements IRunLeases {
  constructor(private readonly database: InMemoryDatabase) {}

  claim(runIds: string[], claimant: Claimant): Promise<ClaimedRun[]> {
    return this.database.change((tables) => {
      const now = this.database.clock.now();
      return rowsOf(tables, runIds)
        .filter((run) => mayStart(tables, run) && !run.gated)
        .filter((run) => run.dueAt <= after(now, claimant.aheadMs))
        .map((run) => claimOne(tables, run, now, claimant));
    });
  }

  findDue(limit: number, overdueMs = 0, without: string[] = []): Promise<OwnedRun[]> {
    const now = this.database.clock.now();
    return this.database.read((tables) =>
      [...tables.runs.values()]
        .filter((run) => mayStart(tables, run) && run.ringAt <= after(now, oneHourMs))
        .filter(({ dueAt }) => dueAt <= after(now, -overdueMs))
        .filter(({ heldBy }) => !['running', 'retrying'].includes(tables.runs.get(heldBy ?? '')?.state ?? ''))
        .sort((a, b) => a.ringAt.getTime() - b.ringAt.getTime())
        .map((run) => ownedOf(tables, run))
        .filter(({ userId }) => !without.includes(userId))
        .slice(0, limit),
    );
  }

  ownersOf(runIds: string[]): Promise<OwnedRun[]> {
    return this.database.read((tables) => rowsOf(tables, runIds).map((run) => ownedOf(tables, run)));
  }

  waiting(runIds: string[]): Promise<WaitingRun[]> {
    const now = this.database.clock.now().getTime();
    return this.database.read((tables) =>
      rowsOf(tables, runIds)
        .filter((run) => mayStart(tables, run))
        .map(({ id, jobId, gated, dueAt }) => ({ runId: id, jobId, gated, waitMs: dueAt.getTime() - now })),
    );
  }

  renew(held: HeldRun[], leaseMs: number): Promise<RenewedRun[]> {
    return this.database.change(({ runs }) =>
      held.flatMap(({ runId, leaseToken }) => {
        const run = runs.get(runId);
        if (run?.state !== 'running' || run.leaseToken !== leaseToken) return [];
        change(runs, runId, { leaseUntil: after(this.database.clock.now(), leaseMs) });
        return [{ runId, cancelRequested: run.cancelRequestedAt !== null, renewed: true }];
      }),
    );
  }

  confirm(held: HeldRun[]): Promise<{ runId: string; cancelRequested: boolean }[]> {
    return this.database.change(({ runs }) =>
      held.flatMap(({ runId, leaseToken }) => {
        const run = runs.get(runId);
        if (run?.state !== 'running' || run.leaseToken !== leaseToken) return [];
        const cancelRequested = run.cancelRequestedAt !== null;
        if (!cancelRequested) change(runs, runId, { attemptStartedAt: this.database.clock.now() });
        return [{ runId, cancelRequested }];
      }),
    );
  }

  settle(settlements: Settlement[]): Promise<SettledRun[]> {
    return this.database.change((tables) => settlements.flatMap((settlement) => this.settleOne(tables, settlement)));
  }

  committed(settlements: Settlement[]): Promise<SettledRun[]> {
    const now = this.database.clock.now();
    return this.database.read(({ runs, executions }) =>
      settlements.flatMap(({ runId, leaseToken, execution: { status } }) => {
        const run = runs.get(runId);
        const isOurs = (one: { runId: string; leaseToken: string; status: unknown }) =>
          one.runId === runId && one.leaseToken === leaseToken && one.status === status;
        const unbegun = status === null && run?.leaseToken === leaseToken && run.endedAt !== null;
        if (!run || !(unbegun || [...executions.values()].some(isOurs))) return [];
        const dueInMs = waits(run) ? Math.max(run.dueAt.getTime() - now.getTime(), 0) : null;
        return [{ runId, jobId: run.jobId, state: run.state, dueInMs, gated: run.gated }];
      }),
    );
  }

  findExpired(limit: number): Promise<ExpiredRun[]> {
    const now = this.database.clock.now();
    return this.database.read(({ runs, jobs }) =>
      [...runs.values()]
        .flatMap((run) => (run.state === 'running' && run.leaseUntil && run.leaseUntil < now ? [run] : []))
        .sort((a, b) => Number(a.leaseUntil) - Number(b.leaseUntil))
        .slice(0, limit)
        .flatMap((run) => {
          const job = jobs.get(run.jobId);
          return job ? [expiredOf(run, job)] : [];
        }),
    );
  }

  private settleOne(tables: Tables, settlement: Settlement): SettledRun[] {
    const { runId, leaseToken, verdict, execution } = settlement;
    const now = this.database.clock.now();
    const run = tables.runs.get(runId);
    if (run?.state !== 'running' || run.leaseToken !== leaseToken) return [];
    if (settlement.onlyIfExpired && !(run.leaseUntil && run.leaseUntil < now)) return [];
    // A further attempt was wanted, but somebody has asked for the run's end meanwhile.
    const cancelled = verdict.delayMs !== null && run.cancelRequestedAt !== null;
    const { state, delayMs } = cancelled ? { state: 'cancelled' as const, delayMs: null } : verdict;
    const endedAt = after(now, -execution.endedAgoMs);
    const goesOn = delayMs !== null && { dueAt: after(now, delayMs), ringAt: this.nextRing(now, delayMs) };
    const { status } = execution;
    const startedAt =
      execution.startedAgoMs === null ? (run.attemptStartedAt ?? now) : after(now, -execution.startedAgoMs);
    const begunAt = status === null ? null : startedAt;
    change(tables.runs, runId, {
      state,
      startedAt: run.leaseToken === '1' ? begunAt : run.startedAt,
      attemptStartedAt: begunAt,
      reason: state === 'cancelled' ? (run.reason ?? verdict.reason) : verdict.reason,
      reasonDetail: verdict.detail,
      attempts: verdict.counts ? run.attempts : run.attempts - 1,
      leaseUntil: null,
      rings: 1,
      endedAt: delayMs === null ? endedAt : null,
      ...goesOn,
    });
    const id = newId();
    if (status !== null)
      tables.executions.set(id, {
        ...{ id, runId, jobId: run.jobId, leaseToken, startedAt, completedAt: endedAt, status },
        ...{ attemptNumber: run.attempts, dueAt: settlement.dueAt, workerId: run.workerId },
        ...{ errorMessage: verdict.detail, result: structuredClone(execution.result) },
      });
    this.endJob(tables, run, state);
    if (state === 'failed' && settlement.notify) tables.notices.set(runId, now);
    return [{ runId, jobId: run.jobId, state, dueInMs: delayMs, gated: run.gated }];
  }

  private nextRing(now: Date, delayMs: number): Date {
    return after(now, delayMs + this.database.settings.ringAgainAfterMs);
  }

  private endJob({ jobs }: Tables, { jobId, trigger }: RunRow, state: Settlement['verdict']['state']): void {
    const job = jobs.get(jobId);
    const open = job?.type === 'one_time' && (job.status === 'pending' || job.status === 'paused');
    if (!open || trigger !== 'schedule' || state === 'retrying' || state === 'scheduled') return;
    change(jobs, jobId, {
      status: state === 'succeeded' ? 'completed' : state,
      updatedAt: this.database.clock.now(),
    });
  }
}

/** Waits, and its job does not hold it back: a paused job only lets through what was asked for by hand. */
const mayStart = ({ jobs }: Tables, run: RunRow): boolean =>
  waits(run) && (jobs.get(run.jobId)?.status === 'pending' || run.trigger === 'manual');

const ownedOf = ({ jobs }: Tables, { id, jobId }: RunRow): OwnedRun => ({ runId: id, userId: jobs.get(jobId)!.userId });

const expiredOf = (run: RunRow, job: NonNullable<ReturnType<Tables['jobs']['get']>>): ExpiredRun => ({
  runId: run.id,
  leaseToken: run.leaseToken,
  workerId: run.workerId ?? '',
  attempt: run.attempts,
  jobId: run.jobId,
  userId: job.userId,
  dueAt: run.dueAt,
  cancelRequested: run.cancelRequestedAt !== null,
  handler: job.handler,
  maxRetries: job.maxRetries,
  retryDelayMs: job.retryDelayMs,
  onLost: job.onLost,
  notifyOnFailure: job.notifyOnFailure,
});
