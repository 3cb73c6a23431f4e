import type { Job, JobFilter, JobView, ListedJob, OwnedBy } from '../../../src/jobs/domain/job.js';
import { listedJob } from '../../../src/jobs/domain/listed-job.js';
import type { IJobRepository, ScheduleVersion } from '../../../src/jobs/interfaces/job-repository.js';
import { pageOf } from '../../../src/kernel/page.js';
import type { Page, PageRequest } from '../../../src/kernel/page.js';
import type { Transaction } from '../../../src/kernel/transaction.js';
import { InMemoryDatabase } from './database.js';
import type { Tables } from './database.js';

export class InMemoryJobRepository implements IJobRepository {
  constructor(private readonly database: InMemoryDatabase) {}

  async now(): Promise<Date> {
    return this.database.clock.now();
  }

  async insert(tx: Transaction, jobs: Job[]): Promise<void> {
    for (const job of jobs) InMemoryDatabase.of(tx).jobs.set(job.id, structuredClone(job));
  }

  async find(id: string, userId: OwnedBy, tx?: Transaction): Promise<JobView | null> {
    const found = (tables: Tables) => {
      const job = tables.jobs.get(id);
      return job && isOwned(job, userId) ? viewOf(tables, job) : null;
    };
    return tx ? found(InMemoryDatabase.of(tx)) : this.database.read(found);
  }

  findMany(ids: string[], userId: string): Promise<JobView[]> {
    return this.database.read((tables) =>
      [...tables.jobs.values()]
        .filter((job) => job.userId === userId && ids.includes(job.id))
        .map((job) => viewOf(tables, job)),
    );
  }

  list(userId: OwnedBy, filter: JobFilter, page: PageRequest): Promise<Page<ListedJob>> {
    return this.database.read((tables) => {
      const found = [...tables.jobs.values()]
        .filter((job) => isOwned(job, userId))
        .map((job) => viewOf(tables, job))
        .filter((job) => matches(job, filter))
        .sort((a, b) => (a.id < b.id ? 1 : -1));
      const first = (page.page - 1) * page.limit;
      const shown = found.slice(first, first + page.limit).map((job) => listedJob(job, page.limit));
      return pageOf(shown, found.length, page);
    });
  }

  async lock(tx: Transaction, id: string, userId: OwnedBy): Promise<Job | null> {
    const job = InMemoryDatabase.of(tx).jobs.get(id);
    return job && isOwned(job, userId) ? structuredClone(job) : null;
  }

  async update(tx: Transaction, job: Job, replaced?: Job): Promise<void> {
    const { jobs, versions } = InMemoryDatabase.of(tx);
    const before = jobs.get(job.id);
    if (!before) return;
    jobs.set(job.id, { ...structuredClone(job), createdAt: before.createdAt });
    if (replaced?.schedule && replaced.version !== job.version)
      versions.set(`${job.id} ${replaced.version}`, {
        jobId: job.id,
        version: replaced.version,
        schedule: replaced.schedule,
        validFrom: replaced.versionSince,
        validTo: job.versionSince,
      });
  }

  async delete(tx: Transaction, id: string): Promise<void> {
    const { jobs, versions } = InMemoryDatabase.of(tx);
    jobs.delete(id);
    for (const [key, { jobId }] of versions) if (jobId === id) versions.delete(key);
  }

  versions(id: string): Promise<ScheduleVersion[]> {
    return this.database.read(({ jobs, versions }) => {
      const past = [...versions.values()].filter(({ jobId }) => jobId === id);
      const { schedule, version, versionSince, activeUntil } = jobs.get(id) ?? {};
      const current =
        schedule && version !== undefined && versionSince
          ? [{ version, schedule, validFrom: versionSince, validTo: activeUntil ?? null }]
          : [];
      return structuredClone([...past.map(({ jobId: _, ...kept }) => kept), ...current]).sort(
        (a, b) => a.version - b.version,
      );
    });
  }
}

const isOwned = (job: Job, userId: OwnedBy): boolean => userId === null || job.userId === userId;

function viewOf({ runs, executions }: Tables, job: Job): JobView {
  const own = [...runs.values()].filter(({ jobId }) => jobId === job.id);
  const waiting = own
    .filter(({ state, trigger }) => trigger === 'schedule' && (state === 'scheduled' || state === 'retrying'))
    .map(({ state, dueAt, nominalAt }) => (state === 'retrying' ? dueAt : nominalAt))
    .sort((a, b) => a.getTime() - b.getTime());
  const [latest] = own
    .filter(({ startedAt }) => startedAt)
    .sort((a, b) => b.nominalAt.getTime() - a.nominalAt.getTime());
  const [attempt] = [...executions.values()]
    .filter(({ runId }) => runId === latest?.id)
    .sort((a, b) => Number(b.leaseToken) - Number(a.leaseToken));
  return structuredClone({
    ...job,
    status: job.status === 'pending' && own.some(({ state }) => state === 'running') ? 'running' : job.status,
    nextRunAt: job.status === 'pending' ? (waiting[0] ?? job.nextRunAt) : null,
    nextHasRun: job.status === 'pending' && waiting.length > 0,
    lastRun: latest
      ? {
          id: latest.id,
          state: latest.state,
          nominalAt: latest.nominalAt,
          startedAt: latest.startedAt ?? latest.nominalAt,
          endedAt: latest.endedAt,
          attempts: latest.attempts,
          errorMessage: attempt?.errorMessage ?? null,
          result: attempt?.result ?? null,
        }
      : null,
  });
}

function matches(job: JobView, { status, type, handler, fromDate, toDate, search }: JobFilter): boolean {
  const text = search?.toLowerCase();
  return (
    (status === undefined || job.status === status) &&
    (type === undefined || job.type === type) &&
    (handler === undefined || job.handler === handler) &&
    (fromDate === undefined || job.createdAt >= fromDate) &&
    (toDate === undefined || job.createdAt <= toDate) &&
    (text === undefined || [job.name, job.description].some((field) => field?.toLowerCase().includes(text)))
  );
}
