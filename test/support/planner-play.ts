import type { Config } from '../../src/config/config.js';
import type { Catchup } from '../../src/jobs/domain/policies.js';
import type { Job } from '../../src/jobs/domain/job.js';
import { nextTime, timesBetween } from '../../src/schedules/domain/index.js';
import type { RecurringSchedule } from '../../src/schedules/domain/index.js';
import { withoutCalendars } from '../../src/jobs/services/schedule-days.js';
import { ScheduleChanges } from '../../src/jobs/services/schedule-changes.js';
import type { Transaction } from '../../src/kernel/transaction.js';
import { ledgerOf } from '../../src/runs/ledger/domain/ledger.js';
import type { Ledger, LedgerRow, LedgerVersion } from '../../src/runs/ledger/domain/ledger.js';
import type { NewRun } from '../../src/runs/domain/run.js';
import type { RunState } from '../../src/runs/domain/run-state.js';
import type { IRunRepository } from '../../src/runs/interfaces/run-repository.js';
import type { IWorkerNudges } from '../../src/runs/interfaces/worker-nudges.js';
import { PendingStarts } from '../../src/runs/services/pending-starts.js';
import type { DirectStarts } from '../../src/runs/dispatch/services/direct-starts.js';
import type { DoorbellDispatcher } from '../../src/runs/dispatch/services/doorbell-dispatcher.js';
import { RunPlanner } from '../../src/runs/planning/services/run-planner.js';
import { noCalendars } from './no-calendars.js';

const horizonMs = 60_000;
const engine = { horizonMs, catchupAfterMs: 10_000 };
const tx = {} as Transaction;
export const epoch = new Date('2030-03-30T22:00:00Z');

interface Row extends NewRun {
  state: RunState;
}

/** What the planner asks of the rows, over an array. */
class Rows {
  all: Row[] = [];

  async insert(_tx: Transaction, runs: NewRun[], ifAbsent = false): Promise<[]> {
    for (const run of runs) {
      const exists = this.all.some(({ nominalAt }) => nominalAt.getTime() === run.nominalAt.getTime());
      if (exists && !ifAbsent) throw new Error(`twice: ${run.nominalAt.toISOString()}`);
      if (!exists) this.all.push({ ...run, state: run.final?.state ?? 'scheduled' });
    }
    return [];
  }

  async deletePlanned(_tx: Transaction, _jobId: string, after: Date): Promise<number> {
    const isPlanned = (row: Row) =>
      row.nominalAt > after && (row.state === 'scheduled' || row.final?.reason === 'calendar');
    const gone = this.all.filter(isPlanned);
    this.all = this.all.filter((row) => !isPlanned(row));
    return gone.filter(({ state }) => state === 'scheduled').length;
  }

  async deleteUnstarted(_tx: Transaction, _jobId: string, after: Date) {
    const isUnstarted = (row: Row) => row.nominalAt > after && row.state === 'scheduled';
    const gone = this.all.filter(isUnstarted).map(({ nominalAt }) => nominalAt.getTime());
    this.all = this.all.filter((row) => !isUnstarted(row));
    return { count: gone.length, earliest: gone.length > 0 ? new Date(Math.min(...gone)) : null };
  }

  async cancelByJob(): Promise<{ ended: number; asked: number }> {
    const live = this.all.filter(({ state }) => state === 'scheduled');
    for (const row of live) row.state = 'cancelled';
    return { ended: live.length, asked: 0 };
  }

  async spansFrom(_tx: Transaction, _jobId: string, from: Date) {
    return this.all
      .filter(({ nominalAt, nominalUntil }) => (nominalUntil ?? nominalAt) >= from)
      .map(({ nominalAt, nominalUntil }) => ({ first: nominalAt, last: nominalUntil ?? nominalAt }));
  }

  async ringWaiting(): Promise<[]> {
    return [];
  }
}

/** One job whose clock, ticker, workers and owner the test plays. */
export class Play {
  readonly rows = new Rows();
  readonly versions: LedgerVersion[] = [];
  now = epoch;
  job: Job;
  private readonly planner = new RunPlanner(
    this.rows as unknown as IRunRepository,
    { callOff: () => undefined } as unknown as IWorkerNudges,
    { engine } as Config,
    { ringLater: () => undefined } as unknown as DoorbellDispatcher,
    new PendingStarts(this.rows as unknown as IRunRepository),
    {} as DirectStarts,
    noCalendars,
  );
  private readonly changes = new ScheduleChanges(this.planner);

  constructor(schedule: RecurringSchedule, catchup: Catchup) {
    this.job = {
      id: '0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a11',
      type: 'recurring',
      status: 'pending',
      schedule,
      catchup,
      nextRunAt: nextTime(schedule, epoch, '0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a11'),
      plannedCount: 0,
      activeUntil: null,
      version: 1,
      versionSince: epoch,
      scheduledAt: null,
    } as Partial<Job> as Job;
  }

  wait(ms: number): void {
    this.now = new Date(this.now.getTime() + ms);
  }

  async tick(): Promise<void> {
    const { status, nextRunAt } = this.job;
    if (status !== 'pending' || !nextRunAt || nextRunAt.getTime() > this.now.getTime() + horizonMs) return;
    await this.planner.plan(tx, [this.job], this.now);
  }

  work(): void {
    if (this.job.status === 'pending')
      for (const row of this.rows.all) if (row.state === 'scheduled' && row.dueAt <= this.now) row.state = 'succeeded';
  }

  cancelOne(): void {
    const ahead = this.rows.all.findLast(({ state }) => state === 'scheduled');
    if (ahead) ahead.state = 'cancelled';
  }

  pause(): void {
    if (this.job.status === 'pending') this.job.status = 'paused';
  }

  async resume(): Promise<void> {
    if (this.job.status !== 'paused') return;
    this.job.status = 'pending';
    await this.planner.planAfterPause(tx, this.job, this.now);
  }

  async change(schedule: RecurringSchedule): Promise<void> {
    if (this.job.status === 'cancelled') return;
    const next: Job = { ...this.job, schedule, version: this.job.version + 1, versionSince: this.now };
    await this.changes.putInForce(tx, this.job, next, this.now);
    const { version, schedule: old, versionSince, activeUntil } = this.job;
    const validTo = activeUntil && activeUntil < this.now ? activeUntil : this.now;
    this.versions.push({ version, schedule: withoutCalendars(old!), validFrom: versionSince, validTo });
    this.job = next;
  }

  async cancel(): Promise<void> {
    if (this.job.status === 'cancelled') return;
    await this.planner.settlePassed(tx, this.job, this.now);
    await this.planner.cancelAll(tx, this.job, this.now);
    const { activeUntil } = this.job;
    const until = activeUntil && activeUntil < this.now ? activeUntil : this.now;
    this.job = { ...this.job, status: 'cancelled', nextRunAt: null, activeUntil: until };
  }

  /** The ticker works until nothing is behind. */
  async catchUp(): Promise<void> {
    while (this.job.status === 'pending' && this.job.nextRunAt && this.job.nextRunAt <= this.now) await this.tick();
  }

  ledger(): Ledger {
    const { id, version, schedule, versionSince, activeUntil } = this.job;
    const current = { version, schedule: withoutCalendars(schedule!), validFrom: versionSince, validTo: activeUntil };
    const rows = this.rows.all.map((row): LedgerRow => ({
      runId: row.id,
      nominalAt: row.nominalAt,
      nominalUntil: row.nominalUntil ?? null,
      state: row.state,
      reason: row.final?.reason ?? null,
      jobVersion: row.jobVersion,
    }));
    const input = {
      jobId: id,
      versions: [...this.versions, current],
      plan: { ...this.job, now: this.now },
      rows,
      prunedUntil: null,
    };
    return ledgerOf(input, epoch, new Date(this.now.getTime() + horizonMs));
  }

  /** Rows that stand for a number of times, and the times in them that no other row stands for. */
  ranges(): [count: number, covered: number][] {
    const own = new Set(
      this.rows.all.filter(({ nominalUntil }) => !nominalUntil).map((row) => row.nominalAt.getTime()),
    );
    return this.rows.all.flatMap(({ nominalAt, nominalUntil, count, jobVersion }): [number, number][] => {
      if (!nominalUntil) return [];
      const schedule = [...this.versions, this.job].find(({ version }) => version === jobVersion)!.schedule!;
      const times = timesBetween(schedule, new Date(nominalAt.getTime() - 1), nominalUntil, this.job.id, Infinity);
      return [[count ?? 1, times.filter((time) => !own.has(time.getTime())).length]];
    });
  }
}
