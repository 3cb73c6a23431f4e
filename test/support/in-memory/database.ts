import type { Job } from '../../../src/jobs/domain/job.js';
import type { ScheduleVersion } from '../../../src/jobs/interfaces/job-repository.js';
import type { ITransactionRunner, Transaction } from '../../../src/kernel/transaction.js';
import type { Execution } from '../../../src/runs/domain/execution.js';
import type { LogLine } from '../../../src/runs/domain/log-line.js';
import type { Run } from '../../../src/runs/domain/run.js';
import type { FixedClock } from '../fixed-clock.js';

/** A run with what only the engine needs to know of it. */
export interface RunRow extends Run {
  leaseUntil: Date | null;
  attemptStartedAt: Date | null;
  ringAt: Date;
  rings: number;
  gated: boolean;
  keepsPlace: boolean;
}

/** All rows by their keys. A row is never changed, only replaced, so that copying a table is copying its index. */
export interface Tables {
  jobs: Map<string, Job>;
  versions: Map<string, ScheduleVersion & { jobId: string }>;
  runs: Map<string, RunRow>;
  executions: Map<string, Execution>;
  lines: Map<string, LogLine>;
  notices: Map<string, Date>;
  /** Up to when scheduled runs of each job may have been pruned. */
  marks: Map<string, Date>;
}

const copyOf = (tables: Tables): Tables => ({
  jobs: new Map(tables.jobs),
  versions: new Map(tables.versions),
  runs: new Map(tables.runs),
  executions: new Map(tables.executions),
  lines: new Map(tables.lines),
  notices: new Map(tables.notices),
  marks: new Map(tables.marks),
});

/**
 * The store behind the in-memory twins. One transaction at a time works on a copy that replaces the tables when it
 * commits; readers outside of it see what is committed. Its clock is the "database's clock" of the ports.
 */
export class InMemoryDatabase implements ITransactionRunner {
  private tables: Tables = {
    jobs: new Map(),
    versions: new Map(),
    runs: new Map(),
    executions: new Map(),
    lines: new Map(),
    notices: new Map(),
    marks: new Map(),
  };
  private last: Promise<unknown> = Promise.resolve();

  /**
   * @param horizonMs how far ahead of `dueAt` doorbells are rung
   * @param ringAgainAfterMs after how long a due run that nobody claimed is owed another doorbell
   */
  constructor(
    readonly clock: FixedClock,
    readonly settings: { horizonMs: number; ringAgainAfterMs: number },
  ) {}

  run<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.alone(async () => {
      const draft = copyOf(this.tables);
      const result = await work(draft as unknown as Transaction);
      this.tables = draft;
      return result;
    });
  }

  /** The handle is of no use after the first wait, so that work whose later parts need earlier answers fails here too. */
  atOnce<T>(work: (tx: Transaction) => Promise<T>): Promise<T> {
    return this.run((tx) => {
      const { proxy, revoke } = Proxy.revocable(tx, {});
      const result = work(proxy);
      revoke();
      return result;
    });
  }

  /** One statement in a transaction of its own. It must throw before it changes anything, or not at all. */
  change<T>(statement: (tables: Tables) => T): Promise<T> {
    return this.alone(async () => statement(this.tables));
  }

  async read<T>(query: (tables: Tables) => T): Promise<T> {
    return query(this.tables);
  }

  /** What a twin finds inside a transaction handle. */
  static of(tx: Transaction): Tables {
    return tx as unknown as Tables;
  }

  private alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(work);
    this.last = result.catch(() => undefined);
    return result;
  }
}

/** Replaces a row by one with some columns changed. */
export function change<T>(table: Map<string, T>, key: string, columns: Partial<T>): T {
  const row = table.get(key);
  if (row === undefined) throw new Error(`There is no row ${key}.`);
  const changed = { ...row, ...columns };
  table.set(key, changed);
  return changed;
}

export const after = (at: Date, ms: number): Date => new Date(at.getTime() + ms);
export const latest = (a: Date, b: Date): Date => (a > b ? a : b);

/** Not started or between two attempts. */
export const waits = ({ state }: Pick<Run, 'state'>): boolean => state === 'scheduled' || state === 'retrying';

export const runsOf = ({ runs }: Tables, jobId: string): RunRow[] =>
  [...runs.values()].filter((run) => run.jobId === jobId);

/** The rows of these ids, each once. */
export const rowsOf = ({ runs }: Tables, ids: string[]): RunRow[] =>
  [...new Set(ids)].flatMap((id) => runs.get(id) ?? []);
