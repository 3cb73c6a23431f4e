import type { Job } from '../../../src/jobs/domain/job.js';
import type { StoredJobStatus } from '../../../src/jobs/domain/job-status.js';
import { aboutToStartMs } from '../../../src/jobs/interfaces/job-repository.js';
import type { IJobPlans, PlannedUntil, PlanningWindow } from '../../../src/jobs/interfaces/job-repository.js';
import type { Transaction } from '../../../src/kernel/transaction.js';
import { isFinal } from '../../../src/runs/domain/run-state.js';
import { InMemoryDatabase, after, change } from './database.js';
import type { Tables } from './database.js';

export class InMemoryJobPlans implements IJobPlans {
  constructor(private readonly database: InMemoryDatabase) {}

  async lockDue(tx: Transaction, { withinMs, urgentMs }: PlanningWindow, limit: number): Promise<Job[]> {
    const now = this.database.clock.now();
    const starting = new Set(
      [...InMemoryDatabase.of(tx).runs.values()]
        .filter(({ state, dueAt }) => state === 'scheduled' && isAboutToStart(dueAt, now))
        .map(({ jobId }) => jobId),
    );
    const plannable = ({ id, status, nextRunAt }: Job): Date | null =>
      status === 'pending' && nextRunAt && (nextRunAt <= after(now, urgentMs) || !starting.has(id)) ? nextRunAt : null;
    return earliest(tx, limit, plannable, after(now, withinMs));
  }

  async advance(tx: Transaction, plans: PlannedUntil[]): Promise<void> {
    for (const { id, nextRunAt, plannedCount, activeUntil } of plans)
      change(InMemoryDatabase.of(tx).jobs, id, { nextRunAt, plannedCount, activeUntil });
  }

  async lockResumable(tx: Transaction, limit: number): Promise<Job[]> {
    const now = this.database.clock.now();
    return earliest(tx, limit, ({ status, pausedUntil }) => (status === 'paused' ? pausedUntil : null), now);
  }

  /** Nobody's account is disabled here. */
  keepPaused(): Promise<number> {
    return Promise.resolve(0);
  }

  pauseBroken(jobId: string, note: string): Promise<void> {
    return this.database.change((tables) => void this.pause(tables, jobId, note));
  }

  pauseIfFailing(jobId: string): Promise<boolean> {
    return this.database.change((tables) => {
      const job = tables.jobs.get(jobId);
      if (!job?.pauseAfterFailures) return false;
      const since = job.pausedAt ?? new Date(0);
      const ended = [...tables.runs.values()]
        .filter((run) => run.jobId === jobId && (run.state === 'succeeded' || run.state === 'failed'))
        .filter((run) => run.endedAt !== null && run.endedAt > since)
        .sort((a, b) => b.nominalAt.getTime() - a.nominalAt.getTime())
        .slice(0, job.pauseAfterFailures);
      if (ended.filter(({ state }) => state === 'failed').length !== job.pauseAfterFailures) return false;
      return this.pause(tables, jobId, `Its last ${job.pauseAfterFailures} runs have failed`);
    });
  }

  completeExhausted(): Promise<number> {
    return this.database.change((tables) => {
      const live = new Set([...tables.runs.values()].filter((run) => !isFinal(run.state)).map(({ jobId }) => jobId));
      const exhausted = [...tables.jobs.values()].filter(
        (job) => job.status === 'pending' && job.type === 'recurring' && !job.nextRunAt && !live.has(job.id),
      );
      for (const { id } of exhausted)
        change(tables.jobs, id, { status: 'completed', updatedAt: this.database.clock.now() });
      return exhausted.length;
    });
  }

  async setStatus(tx: Transaction, jobId: string, status: StoredJobStatus): Promise<void> {
    change(InMemoryDatabase.of(tx).jobs, jobId, { status, updatedAt: this.database.clock.now() });
  }

  private pause(tables: Tables, jobId: string, pauseNote: string): boolean {
    if (tables.jobs.get(jobId)?.status !== 'pending') return false;
    const now = this.database.clock.now();
    change(tables.jobs, jobId, { status: 'paused', pausedAt: now, pausedUntil: null, pauseNote, updatedAt: now });
    return true;
  }
}

/** Up to `limit` jobs whose time has come by `until`, earliest first. */
function earliest(tx: Transaction, limit: number, timeOf: (job: Job) => Date | null, until: Date): Job[] {
  return [...InMemoryDatabase.of(tx).jobs.values()]
    .flatMap((job) => ({ job, time: timeOf(job)?.getTime() ?? Infinity }))
    .filter(({ time }) => time <= until.getTime())
    .sort((a, b) => a.time - b.time)
    .slice(0, limit)
    .map(({ job }) => structuredClone(job));
}

const isAboutToStart = (dueAt: Date, now: Date): boolean =>
  dueAt >= after(now, -aboutToStartMs.after) && dueAt <= after(now, aboutToStartMs.before);
