import { conflict } from '../../../src/kernel/errors.js';
import type { JsonObject } from '../../../src/kernel/json.js';
import { listed, listedTextBytes } from '../../../src/kernel/listed.js';
import { pageOf } from '../../../src/kernel/page.js';
import type { Page, PageRequest } from '../../../src/kernel/page.js';
import type { Transaction } from '../../../src/kernel/transaction.js';
import { startDeadlineMs } from '../../../src/runs/domain/start-deadline.js';
import type { Ring } from '../../../src/runs/domain/ring.js';
import type { Execution, ListedExecution } from '../../../src/runs/domain/execution.js';
import type { ListedRun, NewRun, Run, RunReason } from '../../../src/runs/domain/run.js';
import { isFinal } from '../../../src/runs/domain/run-state.js';
import type { RunFilter } from '../../../src/runs/domain/run-filter.js';
import type {
  InsertClaim,
  InsertedRun,
  IRunRepository,
  StartsOf,
} from '../../../src/runs/interfaces/run-repository.js';
import { InMemoryDatabase, after, change, latest, runsOf, waits } from './database.js';
import type { RunRow, Tables } from './database.js';
import { attemptsOf } from './executions.js';
import { newRow } from './new-row.js';
import { ringFor } from './owed-doorbells.js';

export class InMemoryRunRepository implements IRunRepository {
  constructor(private readonly database: InMemoryDatabase) {}

  async now(): Promise<Date> {
    return this.database.clock.now();
  }

  async insert(tx: Transaction, runs: NewRun[], ifAbsent = false): Promise<Ring[]> {
    return this.insertRows(tx, runs, ifAbsent).map((row) => ringFor(row, this.database.clock.now()));
  }

  async insertClaimed(
    tx: Transaction,
    runs: NewRun[],
    birthright: InsertClaim,
    ifAbsent = false,
  ): Promise<InsertedRun[]> {
    const now = this.database.clock.now();
    return this.insertRows(tx, runs, ifAbsent, birthright).map((row) => ({
      ...ringFor(row, now),
      claimedAtMs: row.state === 'running' ? now.getTime() : null,
    }));
  }

  async find(runId: string, tx?: Transaction): Promise<Run | null> {
    const found = ({ runs }: Tables) => structuredClone(runs.get(runId) ?? null);
    return tx ? found(InMemoryDatabase.of(tx)) : this.database.read(found);
  }

  findByJob(jobId: string, filter: RunFilter, page: PageRequest): Promise<Page<ListedRun>> {
    return this.database.read((tables) => {
      const found = runsOf(tables, jobId)
        .filter((run) => matches(run, filter, this.database.clock.now()))
        .sort((a, b) => b.nominalAt.getTime() - a.nominalAt.getTime() || (a.id < b.id ? 1 : -1));
      if (filter.order === 'asc') found.reverse();
      const rows = structuredClone(pageIn(found, page)).map((run) =>
        listed(run, { texts: ['reasonDetail'] }, listedTextBytes(page.limit)),
      );
      return pageOf(rows, found.length, page);
    });
  }

  executions(of: { jobId: string } | { runId: string }, page: PageRequest): Promise<Page<ListedExecution>> {
    return this.database.read((tables) => {
      const found = attemptsOf(tables, of);
      const rows = structuredClone(pageIn(found, page)).map((attempt) =>
        listed(attempt, { json: ['result'], texts: ['errorMessage'] }, listedTextBytes(page.limit)),
      );
      return pageOf(rows, found.length, page);
    });
  }

  execution(runId: string, attemptNumber: number): Promise<Execution | null> {
    return this.database.read((tables) => {
      const found = attemptsOf(tables, { runId }).find((attempt) => attempt.attemptNumber === attemptNumber);
      return structuredClone(found ?? null);
    });
  }

  async cancelByJob(tx: Transaction, jobId: string, reason: RunReason): Promise<{ ended: number; asked: number }> {
    const tables = InMemoryDatabase.of(tx);
    const states = runsOf(tables, jobId).map(({ id }) => this.cancelOne(tables, id, reason));
    return {
      ended: states.filter((state) => state === 'ended' || state === 'unstarted').length,
      asked: states.filter((state) => state === 'asked').length,
    };
  }

  async cancel(tx: Transaction, runId: string, reason: RunReason): Promise<'unstarted' | 'ended' | 'asked' | null> {
    return this.cancelOne(InMemoryDatabase.of(tx), runId, reason);
  }

  async msUntilStartsSettled(of: StartsOf, tx?: Transaction): Promise<number> {
    const tables = tx ? InMemoryDatabase.of(tx) : await this.database.read((committed) => committed);
    const nowMs = this.database.clock.now().getTime();
    const left = [...tables.runs.values()]
      .filter(({ state }) => state === 'running')
      .filter(({ id, jobId }) =>
        'jobId' in of
          ? jobId === of.jobId
          : 'runId' in of
            ? id === of.runId
            : tables.jobs.get(jobId)?.userId === of.userId,
      )
      .map(({ attemptStartedAt }) => Number(attemptStartedAt) - nowMs + startDeadlineMs);
    return Math.max(0, ...left);
  }

  async jobsPlannedAfter(tx: Transaction, jobIds: string[], after: Date): Promise<string[]> {
    const tables = InMemoryDatabase.of(tx);
    return jobIds.filter((jobId) => plannedAfter(tables, jobId, after).length > 0);
  }

  async deletePlanned(tx: Transaction, jobId: string, from: Date): Promise<number> {
    const tables = InMemoryDatabase.of(tx);
    const planned = plannedAfter(tables, jobId, from);
    for (const { id } of planned) tables.runs.delete(id);
    return planned.filter(({ state }) => state === 'scheduled').length;
  }

  async deleteUnstarted(tx: Transaction, jobId: string, from: Date): Promise<{ count: number; earliest: Date | null }> {
    const tables = InMemoryDatabase.of(tx);
    const unstarted = runsOf(tables, jobId)
      .filter((run) => run.state === 'scheduled' && run.trigger === 'schedule' && run.leaseToken === '0')
      .filter((run) => run.heldBy === null && !run.keepsPlace)
      .filter((run) => run.nominalAt > from);
    for (const { id } of unstarted) tables.runs.delete(id);
    const [first] = unstarted.map(({ nominalAt }) => nominalAt).sort((a, b) => a.getTime() - b.getTime());
    return { count: unstarted.length, earliest: first ?? null };
  }

  async spansFrom(tx: Transaction, jobId: string, from: Date): Promise<{ first: Date; last: Date }[]> {
    return runsOf(InMemoryDatabase.of(tx), jobId)
      .filter((run) => run.trigger === 'schedule' && (run.nominalUntil ?? run.nominalAt) >= from)
      .map(({ nominalAt, nominalUntil }) => ({ first: nominalAt, last: nominalUntil ?? nominalAt }));
  }

  async ringWaiting(tx: Transaction, jobId: string): Promise<Ring[]> {
    const tables = InMemoryDatabase.of(tx);
    const now = this.database.clock.now();
    const { horizonMs, ringAgainAfterMs } = this.database.settings;
    const waiting = runsOf(tables, jobId).filter(waits);
    const near = waiting.filter((run) => run.dueAt <= after(now, horizonMs));
    for (const run of waiting)
      change(
        tables.runs,
        run.id,
        near.includes(run)
          ? { rings: 1, ringAt: after(latest(run.dueAt, now), ringAgainAfterMs) }
          : { rings: 0, ringAt: after(run.dueAt, -horizonMs) },
      );
    return near.map((run) => ringFor(run, now));
  }

  async keepPayload(tx: Transaction, jobId: string, payload: JsonObject): Promise<void> {
    const tables = InMemoryDatabase.of(tx);
    for (const run of runsOf(tables, jobId))
      if (run.payload === null && waits(run) && (run.state === 'retrying' || run.dueAt <= this.database.clock.now()))
        change(tables.runs, run.id, { payload: structuredClone(payload) });
  }

  async bringToGate(tx: Transaction, jobId: string): Promise<void> {
    const tables = InMemoryDatabase.of(tx);
    for (const run of runsOf(tables, jobId))
      if (!isFinal(run.state) && !run.gated) change(tables.runs, run.id, { gated: true, keepsPlace: true });
  }

  async lockLive(tx: Transaction, jobId: string): Promise<Run[]> {
    const live = runsOf(InMemoryDatabase.of(tx), jobId).filter(({ state }) => !isFinal(state));
    return structuredClone(live.sort((a, b) => a.nominalAt.getTime() - b.nominalAt.getTime()));
  }

  async deleteByJob(tx: Transaction, jobId: string): Promise<void> {
    const tables = InMemoryDatabase.of(tx);
    for (const { id } of runsOf(tables, jobId)) {
      tables.runs.delete(id);
      tables.notices.delete(id);
    }
    for (const table of [tables.executions, tables.lines])
      for (const [id, row] of table) if (row.jobId === jobId) table.delete(id);
    tables.marks.delete(jobId);
  }

  /** @returns those that are to be rung for or are born claimed */
  private insertRows(tx: Transaction, runs: NewRun[], ifAbsent: boolean, birthright?: InsertClaim): RunRow[] {
    const tables = InMemoryDatabase.of(tx);
    const jobIds = new Set(runs.map(({ jobId }) => jobId));
    const taken = new Set([...jobIds].flatMap((jobId) => runsOf(tables, jobId).map(keyOf)));
    const rows: RunRow[] = [];
    for (const run of runs) {
      if (taken.has(keyOf(run))) {
        if (ifAbsent) continue;
        throw conflict('RUN_EXISTS', 'This job already has a run for that nominal time.');
      }
      taken.add(keyOf(run));
      rows.push(newRow(run, this.database.clock.now(), this.database.settings, birthright));
    }
    for (const row of rows) tables.runs.set(row.id, row);
    return rows.filter(({ state, rings }) => state === 'running' || (state === 'scheduled' && rings > 0));
  }

  private cancelOne({ runs }: Tables, id: string, reason: RunReason): 'unstarted' | 'ended' | 'asked' | null {
    const run = runs.get(id);
    if (!run || isFinal(run.state)) return null;
    const now = this.database.clock.now();
    const cancelRequestedAt = run.cancelRequestedAt ?? now;
    if (run.state === 'running') change(runs, id, { reason, cancelRequestedAt });
    else change(runs, id, { state: 'cancelled', reason, cancelRequestedAt, endedAt: now });
    if (run.state === 'running') return 'asked';
    return run.leaseToken === '0' ? 'unstarted' : 'ended';
  }
}

const keyOf = (run: Pick<Run, 'jobId' | 'nominalAt' | 'trigger'>): string =>
  `${run.jobId} ${run.nominalAt.getTime()} ${run.trigger}`;

const pageIn = <T>(rows: T[], { page, limit }: PageRequest): T[] => rows.slice((page - 1) * limit, page * limit);

const matches = (run: RunRow, { states, triggers, reasons, from, to, hasCome }: RunFilter, now: Date): boolean =>
  (states?.includes(run.state) ?? true) &&
  (triggers?.includes(run.trigger) ?? true) &&
  (reasons === undefined || (run.reason !== null && reasons.includes(run.reason))) &&
  (from === undefined || run.nominalAt >= from) &&
  (to === undefined || run.nominalAt < to) &&
  !(hasCome && run.state === 'scheduled' && run.dueAt > now);

const plannedAfter = (tables: Tables, jobId: string, after: Date) =>
  runsOf(tables, jobId).filter(
    (run) =>
      run.trigger === 'schedule' &&
      run.leaseToken === '0' &&
      run.nominalAt > after &&
      (run.state === 'scheduled' || (run.state === 'skipped' && run.reason === 'calendar')),
  );
