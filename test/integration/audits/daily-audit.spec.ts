import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { newDataSource } from '../../../src/data-source.js';
import { SystemClock } from '../../../src/kernel/clock.js';
import type { IClock } from '../../../src/kernel/clock.js';
import { TypeormBacklog } from '../../../src/metrics/repositories/typeorm-backlog.js';
import type { Audit, IInvariantChecks } from '../../../src/runs/ledger/interfaces/invariant-checks.js';
import { auditChecks } from '../../../src/runs/ledger/repositories/invariants-sql.js';
import {
  TypeormInvariantCheckLog,
  invariantCheckLock,
} from '../../../src/runs/ledger/repositories/typeorm-invariant-check-log.js';
import { TypeormInvariantChecks } from '../../../src/runs/ledger/repositories/typeorm-invariant-checks.js';
import { Invariants } from '../../../src/runs/ledger/services/invariants.js';
import { InvariantChecker } from '../../../src/runs/ledger/services/invariant-checker.js';
import { breakLock } from '../../support/advisory-locks.js';
import { startServices } from '../../support/services.js';
import type { Services } from '../../support/services.js';
import { forge, forgeries, keepBooks } from './books.js';

const dayMs = 86_400_000;
const hourMs = 3_600_000;

let services: Services;
let database: DataSource;
let log: TypeormInvariantCheckLog;
let errors: string[];

beforeEach(async () => {
  services = await startServices();
  database = await newDataSource(services.config()).initialize();
  log = new TypeormInvariantCheckLog(database);
  errors = [];
  jest.spyOn(Logger.prototype, 'error').mockImplementation((message: unknown) => void errors.push(String(message)));
});
afterEach(async () => {
  jest.restoreAllMocks();
  await database.destroy();
  await services.drop();
});

const auditor = (
  intervalMs = dayMs,
  clock: IClock = new SystemClock(),
  audits: IInvariantChecks = new TypeormInvariantChecks(database),
): InvariantChecker => {
  const config = services.config({ AUDIT_INTERVAL_MS: String(intervalMs) });
  return new InvariantChecker(log, config, clock, new Invariants(audits, config));
};
/** The real audits; something happens after each look. */
class AuditsWatched extends TypeormInvariantChecks {
  constructor(
    database: DataSource,
    private readonly looked: () => void | Promise<void>,
  ) {
    super(database);
  }

  override async *inSlices(...given: Parameters<IInvariantChecks['inSlices']>): AsyncIterable<Audit> {
    for await (const slice of super.inSlices(...given)) {
      await this.looked();
      yield slice;
    }
  }
}

const ago = (ms: number): Date => new Date(Date.now() - ms);

describe('the daily audit', () => {
  it('has a forgery for each invariant', () => {
    expect(Object.keys(forgeries).sort()).toEqual(auditChecks.map(({ check }) => check).sort());
  });

  it('finds nothing wrong with books that are right, and says so in health', async () => {
    await keepBooks(database, 3, ago(hourMs));
    await auditor().auditWhenDue();
    expect(errors).toEqual([]);
    expect(await log.last()).toMatchObject({ runs: 3, executions: 6, violations: 0 });
    expect(await auditor().health()).toEqual({ violations: 0, lastAuditAt: expect.any(Date) });
  });

  it.each(Object.keys(forgeries))('finds %s: in the log, in health, in the metric', async (check) => {
    const [, victim] = await keepBooks(database, 3, ago(hourMs));
    await forge(database, check, victim!);
    await auditor().auditWhenDue();
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(
      new RegExp(`The books are wrong.*WRONG ${check}: .*(${victim!.runId}|${victim!.jobId})`, 's'),
    );
    const { violations } = await auditor().health();
    expect(violations).toBeGreaterThan(0);
    expect((await new TypeormBacklog(database).read(0)).violations).toBe(violations);
  });

  it('looks at a run of long ago that ended today, and leaves what has not changed', async () => {
    const [old] = await keepBooks(database, 2, ago(40 * dayMs));
    await keepBooks(database, 1, ago(hourMs));
    await database.query(`UPDATE runs SET attempts = 5, ended_at = now() - interval '1 hour' WHERE id = $1`, [
      old!.runId,
    ]);
    await auditor().auditWhenDue();
    expect(await log.last()).toMatchObject({ runs: 2 });
    expect(errors[0]).toContain(old!.runId);
  });

  it('is made by one of many processes, and again when the interval has passed', async () => {
    await keepBooks(database, 1, ago(hourMs));
    const count = async () =>
      (await database.query<[{ n: number }]>('SELECT count(*)::integer AS n FROM run_audits'))[0].n;
    await Promise.all([auditor().auditWhenDue(), auditor().auditWhenDue(), auditor().auditWhenDue()]);
    expect(await count()).toBe(1);
    await auditor().auditWhenDue();
    expect(await count()).toBe(1);
    await database.query(`UPDATE run_audits SET ended_at = ended_at - interval '1 day'`);
    await auditor().auditWhenDue();
    expect(await count()).toBe(2);
  });

  it('waits until the first run is an hour old, or an interval if that is shorter', async () => {
    const countAfter = async (intervalMs?: number): Promise<number | undefined> => {
      await auditor(intervalMs).auditWhenDue();
      return (await log.last())?.runs;
    };
    expect(await countAfter()).toBeUndefined();
    await keepBooks(database, 2, ago(hourMs / 2));
    expect(await countAfter()).toBeUndefined();
    expect(await countAfter(hourMs / 4)).toBe(2);
  });

  it('that is broken off leaves no record, so that the next process begins it again', async () => {
    await keepBooks(database, 1, ago(hourMs));
    const broken = auditor();
    broken.stop();
    await broken.auditWhenDue();
    expect(await log.last()).toBeNull();
  });

  it('that rests when it is broken off looks at nothing more, and ends at once', async () => {
    await keepBooks(database, 1, ago(hourMs));
    let looks = 0;
    // By this clock a look takes an hour, and the rest after it four.
    const clock = Object.assign(new SystemClock(), { monotonicMs: () => looks * hourMs });
    const resting: InvariantChecker = auditor(
      dayMs,
      clock,
      new AuditsWatched(database, () => {
        looks += 1;
        setImmediate(() => resting.stop());
      }),
    );
    await resting.auditWhenDue();
    expect(looks).toBe(1);
    expect(await log.last()).toBeNull();
  });

  it('that loses the connection of its lock leaves no record, for another process may have begun it', async () => {
    await keepBooks(database, 1, ago(hourMs));
    let looks = 0;
    const breaking = new AuditsWatched(database, () => {
      looks += 1;
      return breakLock(database, invariantCheckLock);
    });
    const bereft = auditor(dayMs, new SystemClock(), breaking).auditWhenDue();
    await expect(bereft).rejects.toThrow('The connection that held the lock was lost');
    expect(looks).toBe(1);
    expect(await log.last()).toBeNull();
    await auditor().auditWhenDue();
    expect(await log.last()).toMatchObject({ runs: 1, violations: 0 });
  });
});

describe('an audit in slices', () => {
  const all = async (rows: number): Promise<Audit[]> => {
    const slices: Audit[] = [];
    const audits = new TypeormInvariantChecks(database);
    for await (const slice of audits.inSlices(ago(dayMs), new Date(), 0, 10, rows)) slices.push(slice);
    return slices;
  };
  const found = (slices: Audit[], check: string): Set<string> =>
    new Set(
      slices.flatMap(({ findings }) =>
        findings.filter((one) => one.check === check).flatMap(({ offenders }) => offenders.map(({ id }) => id)),
      ),
    );

  it('of any size finds the same, each slice small', async () => {
    const booked = await keepBooks(database, 7, ago(hourMs));
    for (const victim of booked) await forge(database, 'attempts_disagree', victim);
    await forge(database, 'job_without_run', booked[3]!);
    await keepBooks(database, 3, ago(3 * dayMs));
    await database.query(
      `UPDATE runs SET ended_at = now() - interval '1 second' WHERE ended_at < now() - interval '1 day'`,
    );
    for (const rows of [1, 2, 5, 100]) {
      const slices = await all(rows);
      expect(found(slices, 'attempts_disagree').size).toBe(6);
      expect(found(slices, 'job_without_run')).toEqual(new Set([booked[3]!.jobId]));
      for (const slice of slices) expect(slice.runs).toBeLessThanOrEqual(rows);
      expect(slices.reduce((sum, { runs }) => sum + runs, 0)).toBe(6 + 3);
    }
    expect(await all(100)).toHaveLength(3);
  });

  it('reads no whole table', async () => {
    await keepBooks(database, 1, ago(hourMs));
    await database.query('UPDATE runs SET ended_at = created_at');
    const [old] = await keepBooks(database, 1, ago(3 * dayMs));
    await database.query(`UPDATE runs SET ended_at = now() - interval '1 second' WHERE id = $1`, [old!.runId]);
    const sent = new Map<string, unknown[]>();
    jest
      .spyOn(database.logger, 'logQuery')
      .mockImplementation((query, values) => void sent.set(query, (values as unknown[] | undefined) ?? []));
    await all(100);
    const runner = database.createQueryRunner();
    await runner.query('SET enable_seqscan = off');
    const reads = [...sent].filter(([query]) => /^\s*(WITH|SELECT id)/.test(query));
    expect(reads).toHaveLength(auditChecks.length + 4);
    for (const [query, values] of reads) {
      const plan: unknown = await runner.query(`EXPLAIN (FORMAT JSON) ${query}`, values);
      expect(JSON.stringify(plan)).not.toContain('Seq Scan');
      if (query.includes(`'1 day'`)) expect(JSON.stringify(plan)).toContain('runs_ended_late');
    }
    await runner.query('RESET enable_seqscan');
    await runner.release();
  });
});
