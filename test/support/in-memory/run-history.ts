import type { PruneStep } from '../../../src/kernel/retention.js';
import type { Transaction } from '../../../src/kernel/transaction.js';
import { isOld, isOldJob, mayGo } from '../../../src/runs/history/domain/retention.js';
import type { Keeping, RunAges } from '../../../src/runs/history/domain/retention.js';
import { isFinal } from '../../../src/runs/domain/run-state.js';
import type { IRunHistory } from '../../../src/runs/history/interfaces/run-history.js';
import { InMemoryDatabase, latest, runsOf } from './database.js';
import type { RunRow, Tables } from './database.js';

export class InMemoryRunHistory implements IRunHistory {
  constructor(private readonly database: InMemoryDatabase) {}

  async pruneRuns(tx: Transaction, ages: RunAges, after: string | null, limit: number): Promise<PruneStep> {
    const tables = InMemoryDatabase.of(tx);
    const now = this.database.clock.now();
    const { slice, next } = sliceOf([...tables.runs.values()], after, limit);
    // All are judged before any goes, as in one statement.
    const gone = slice.filter((run) => mayGo(run, keepingOf(tables, run), ages, now));
    for (const run of gone) {
      remove(tables, run);
      if (run.trigger !== 'schedule') continue;
      const end = run.nominalUntil ?? run.nominalAt;
      tables.marks.set(run.jobId, latest(tables.marks.get(run.jobId) ?? end, end));
    }
    return { deleted: gone.length, next };
  }

  async pruneJobs(tx: Transaction, ages: RunAges, after: string | null, limit: number): Promise<PruneStep> {
    const tables = InMemoryDatabase.of(tx);
    const now = this.database.clock.now();
    const { slice, next } = sliceOf([...tables.jobs.values()], after, limit);
    const gone = slice.filter(
      (job) => isOldJob(job, ages, now) && runsOf(tables, job.id).every((run) => isOld(run, ages, now)),
    );
    for (const { id } of gone) {
      for (const run of runsOf(tables, id)) remove(tables, run);
      tables.marks.delete(id);
      tables.jobs.delete(id);
    }
    return { deleted: gone.length, next };
  }

  prunedUntil(jobId: string): Promise<Date | null> {
    return this.database.read(({ marks }) => structuredClone(marks.get(jobId) ?? null));
  }
}

function sliceOf<Row extends { id: string }>(rows: Row[], after: string | null, limit: number) {
  const slice = rows
    .filter(({ id }) => id > (after ?? ''))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
    .slice(0, limit);
  return { slice, next: slice.length === limit ? (slice.at(-1)?.id ?? null) : null };
}

function keepingOf(tables: Tables, { jobId }: RunRow): Keeping {
  const job = tables.jobs.get(jobId);
  if (!job) throw new Error(`There is no job ${jobId}.`);
  const live = runsOf(tables, jobId)
    .filter(({ state, trigger }) => trigger === 'schedule' && !isFinal(state))
    .map(({ nominalAt }) => nominalAt);
  const [liveFrom] = live.sort((a, b) => a.getTime() - b.getTime());
  const executions = [...tables.executions.values()].filter((attempt) => attempt.jobId === jobId);
  return { job, liveFrom: liveFrom ?? null, executions };
}

function remove(tables: Tables, { id }: RunRow): void {
  tables.runs.delete(id);
  tables.notices.delete(id);
  for (const table of [tables.executions, tables.lines])
    for (const [key, row] of table) if (row.runId === id) table.delete(key);
}
