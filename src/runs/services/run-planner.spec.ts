import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Config } from '../../config/config.js';
import { defaultCatchup } from '../../jobs/domain/policies.js';
import type { Catchup } from '../../jobs/domain/policies.js';
import type { Job } from '../../jobs/domain/job.js';
import { nextTime, suppressedBy, timesBetween } from '../../jobs/domain/schedule/index.js';
import type { RecurringSchedule } from '../../jobs/domain/schedule/index.js';
import { ScheduleChanges } from '../../jobs/services/schedule-changes.js';
import type { Transaction } from '../../kernel/transaction.js';
import { ledgerOf } from '../domain/ledger.js';
import type { Ledger, LedgerRow, LedgerVersion } from '../domain/ledger.js';
import type { NewRun } from '../domain/run.js';
import type { RunState } from '../domain/run-state.js';
import type { IRunRepository } from '../interfaces/run-repository.js';
import type { IWorkerCalls } from '../interfaces/worker-calls.js';
import type { Ringer } from './ringer.js';
import { RunPlanner } from './run-planner.js';

const horizonMs = 60_000;
const engine = { horizonMs, catchupAfterMs: 10_000 };
const tx = {} as Transaction;
const epoch = new Date('2030-03-30T22:00:00Z');

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

  async spansFrom(_tx: Transaction, _jobId: string, from: Date) {
    return this.all
      .filter(({ nominalAt }) => nominalAt >= from)
      .map(({ nominalAt, nominalUntil }) => ({ first: nominalAt, last: nominalUntil ?? nominalAt }));
  }

  async ringWaiting(): Promise<[]> {
    return [];
  }
}

/** One job whose clock, ticker, workers and owner the test plays. */
class Play {
  readonly rows = new Rows();
  readonly versions: LedgerVersion[] = [];
  now = epoch;
  job: Job;
  private readonly planner = new RunPlanner(
    this.rows as unknown as IRunRepository,
    { callOff: () => undefined } as unknown as IWorkerCalls,
    { engine } as Config,
    { ringLater: () => undefined } as unknown as Ringer,
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
    this.versions.push({ version, schedule: old!, validFrom: versionSince, validTo });
    this.job = next;
  }

  async cancel(): Promise<void> {
    if (this.job.status === 'cancelled') return;
    await this.planner.settlePassed(tx, this.job, this.now);
    this.job = { ...this.job, status: 'cancelled', nextRunAt: null, activeUntil: this.job.activeUntil ?? this.now };
  }

  /** The ticker works until nothing is behind. */
  async catchUp(): Promise<void> {
    while (this.job.status === 'pending' && this.job.nextRunAt && this.job.nextRunAt <= this.now) await this.tick();
  }

  ledger(): Ledger {
    const { id, version, schedule, versionSince, activeUntil } = this.job;
    const current = { version, schedule: schedule!, validFrom: versionSince, validTo: activeUntil };
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

const schedule: fc.Arbitrary<RecurringSchedule> = fc
  .tuple(
    fc.oneof(
      fc.constantFrom('* * * * *', '*/7 * * * *', '30 2 * * *', '0 * * * *', '*/20 * * * * *').map((line) => ({
        cron: [line],
      })),
      fc.constantFrom(1_000, 45_000, 3_600_000).map((intervalMs) => ({ intervalMs, anchorAt: epoch.toISOString() })),
    ),
    fc.record(
      {
        maxRuns: fc.integer({ min: 1, max: 40 }),
        jitterMs: fc.constantFrom(500, 30_000),
        excludeDates: fc.constantFrom<string[]>(['2030-03-31'], ['2030-03-30', '2030-04-01']),
        endsAt: fc.constantFrom('2030-03-30T23:10:00.000Z', '2030-04-01T00:00:00.000Z'),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([kind, bounds]) => ({ ...kind, ...bounds, timezone: 'Europe/Berlin' }));

const catchup: fc.Arbitrary<Catchup> = fc.record({
  mode: fc.constantFrom('latest', 'all', 'none'),
  windowMs: fc.constantFrom(null, 0, 600_000),
  max: fc.constantFrom(1, 3, 100),
});

type Act = (play: Play) => Promise<void> | void;
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.integer({ min: 1, max: 90_000 }).map(
      (ms): Act =>
        (play) =>
          play.wait(ms),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 90_000, max: 1_800_000 }).map(
      (ms): Act =>
        (play) =>
          play.wait(ms),
    ),
  },
  { weight: 6, arbitrary: fc.constant<Act>((play) => play.tick()) },
  { weight: 4, arbitrary: fc.constant<Act>((play) => play.work()) },
  { weight: 2, arbitrary: fc.constant<Act>((play) => play.pause()) },
  { weight: 2, arbitrary: fc.constant<Act>((play) => play.resume()) },
  { weight: 1, arbitrary: fc.constant<Act>((play) => play.cancelOne()) },
  {
    weight: 1,
    arbitrary: schedule.map(
      (next): Act =>
        (play) =>
          play.change(next),
    ),
  },
);

describe('planning', () => {
  it('gives every nominal time exactly one row, whatever ticks, outages, pauses and changes come', async () => {
    await fc.assert(
      fc.asyncProperty(
        schedule,
        catchup,
        fc.array(act, { maxLength: 40 }),
        fc.boolean(),
        async (first, policy, acts, ends) => {
          const play = new Play(first, policy);
          for (const one of acts) {
            await one(play);
            const { missing, unexpected } = play.ledger();
            expect({ missing, unexpected }).toEqual({ missing: [], unexpected: [] });
          }
          if (ends) await play.cancel();
          else await play.resume();
          await play.catchUp();
          const ledger = play.ledger();
          expect(ledger.byOutcome).toMatchObject({ unplanned: 0, paused: 0 });
          expect(ledger.summary).toBe(`accounted for: ${ledger.expected} of ${ledger.expected}`);
          for (const [count, covered] of play.ranges()) expect(covered).toBe(count);
        },
      ),
      { numRuns: 300 },
    );
  }, 60_000);

  it('never plans more runs than maxRuns, though times that were missed do not count', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 10 }), fc.array(act, { maxLength: 30 }), async (maxRuns, acts) => {
        const play = new Play(
          { cron: ['*/10 * * * * *'], timezone: 'UTC', maxRuns },
          { ...defaultCatchup, mode: 'all' },
        );
        play.change = async () => undefined;
        for (const one of acts) await one(play);
        expect(play.rows.all.filter(({ final }) => !final).length).toBeLessThanOrEqual(maxRuns);
        expect(play.job.plannedCount).toBe(play.rows.all.filter(({ final }) => !final).length);
      }),
    );
  }, 60_000);

  it('counts a run that kept its row over a pause once', async () => {
    const play = new Play({ cron: ['*/10 * * * * *'], timezone: 'UTC', maxRuns: 10 }, defaultCatchup);
    await play.tick();
    play.cancelOne();
    play.pause();
    await play.resume();
    expect(play.rows.all).toHaveLength(6);
    expect(play.job.plannedCount).toBe(6);
  });

  it('starts nothing on a blackout day', async () => {
    const blackout = { cron: ['*/5 * * * *'], timezone: 'Europe/Berlin', excludeDates: ['2030-03-31'] };
    const play = new Play(blackout, defaultCatchup);
    for (let step = 0; step < 200; step++) {
      play.wait(60_000);
      await play.tick();
      play.work();
    }
    const ran = play.rows.all.filter(({ state }) => state === 'succeeded');
    expect(ran.length).toBeGreaterThan(0);
    expect(ran.filter(({ nominalAt }) => suppressedBy(blackout, nominalAt))).toEqual([]);
  });

  it('makes a long pause end as skipped: paused, all of it, in few rows', async () => {
    const play = new Play({ intervalMs: 1_000, anchorAt: epoch.toISOString(), timezone: 'UTC' }, defaultCatchup);
    await play.tick();
    play.pause();
    play.wait(7_200_000);
    await play.resume();
    const passed = play.rows.all.filter(({ nominalAt }) => nominalAt <= play.now);
    const skipped = passed.filter(({ final }) => final?.reason === 'paused');
    expect(skipped.reduce((sum, { count }) => sum + (count ?? 1), 0)).toBe(7_199);
    expect(passed.filter(({ state }) => state === 'scheduled')).toHaveLength(1);
    expect(skipped.length).toBeLessThan(30);
  });
});
