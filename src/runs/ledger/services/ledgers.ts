import { Inject, Injectable } from '@nestjs/common';
import { MOST_COUNTED, latestTimes } from '../../../schedules/domain/index.js';
import type { OwnedBy } from '../../../jobs/domain/job.js';
import { IJobRepository } from '../../../jobs/interfaces/job-repository.js';
import type { ScheduleVersion } from '../../../jobs/interfaces/job-repository.js';
import { ScheduleDays } from '../../../jobs/services/schedule-days.js';
import { DomainError, invalid, notFound } from '../../../kernel/errors.js';
import { Slices } from '../../../kernel/slices.js';
import { RangeTooFar, RangeTooLarge, expectedTimes, ledgerOf, maxLedgerTimes } from '../domain/ledger.js';
import type { Ledger } from '../domain/ledger.js';
import { IRunHistory } from '../../history/interfaces/run-history.js';
import { IRunLedger } from '../interfaces/run-ledger.js';

const dayMs = 86_400_000;

export interface RangedLedger extends Ledger {
  from: Date;
  to: Date;
}

/** Sets what a job's schedule named against what became of it. */
@Injectable()
export class Ledgers {
  constructor(
    @Inject(IJobRepository) private readonly jobs: IJobRepository,
    @Inject(IRunLedger) private readonly rows: IRunLedger,
    @Inject(IRunHistory) private readonly history: IRunHistory,
    private readonly days: ScheduleDays,
  ) {}

  /**
   * @param from inclusive; null: a day before `to`, later where that would be too much
   * @param to exclusive; null: now, on the database's clock
   * @throws DomainError `invalid`; `RANGE_TOO_LARGE` when the range names more than 10,000 times; `RANGE_TOO_FAR`
   * when it lies behind so many that the runs which `maxRuns` leaves are not counted; `not_found`
   */
  async of(jobId: string, userId: OwnedBy, from: Date | null, to: Date | null): Promise<RangedLedger> {
    const job = await this.jobs.find(jobId, userId);
    const plan = job && (await this.rows.plan(jobId));
    if (!job || !plan) throw notFound('job');
    const end = to ?? plan.now;
    const start = from ?? (await this.defaultStart(jobId, end, job.createdAt));
    if (start >= end) throw invalid([{ pointer: '/from', detail: 'from must lie before to.' }]);
    const ledger = await this.compute(jobId, start, end);
    // Rows may have changed between two reads: what is missing twice is missing.
    const checked = ledger.missingCount > 0 ? await this.compute(jobId, start, end) : ledger;
    return { from: start, to: end, ...checked };
  }

  /**
   * How many nominal times of the range are missing, however many it names; nothing for a job that is gone. Pruned times
   * are not looked at.
   */
  async gaps(jobId: string, from: Date, to: Date): Promise<{ expected: number; missing: number; first?: Date }> {
    try {
      const ledger = await this.compute(jobId, from, to);
      const { expected, byOutcome, missingCount, missing } =
        ledger.missingCount > 0 ? await this.compute(jobId, from, to) : ledger;
      return { expected: expected - byOutcome.pruned, missing: missingCount, ...(missing[0] && { first: missing[0] }) };
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      // What lies so far behind the last planned time has not been planned, and cannot be missing.
      if (error.kind === 'not_found' || error.code === 'RANGE_TOO_FAR') return { expected: 0, missing: 0 };
      const middle = new Date((from.getTime() + to.getTime()) / 2);
      const older = await this.gaps(jobId, from, middle);
      const newer = await this.gaps(jobId, middle, to);
      const expected = older.expected + newer.expected;
      return { ...newer, ...older, expected, missing: older.missing + newer.missing };
    }
  }

  private async compute(jobId: string, from: Date, to: Date): Promise<Ledger> {
    const [plan, stored] = await Promise.all([this.rows.plan(jobId), this.jobs.versions(jobId)]);
    if (!plan) throw notFound('job');
    const versions = await this.days.resolveVersion(stored, stored.at(-1));
    // Before the rows are read: a range of years may have millions.
    const expected = await namedOrRefused({ jobId, versions, plan }, from, to);
    const rows = await this.rows.rows(jobId, from, to);
    const prunedUntil = await this.history.prunedUntil(jobId);
    return ledgerOf({ jobId, versions, plan, rows, prunedUntil }, from, to, expected);
  }

  private async defaultStart(jobId: string, to: Date, createdAt: Date): Promise<Date> {
    const dayBefore = new Date(Math.max(to.getTime() - dayMs, Math.min(createdAt.getTime(), to.getTime() - 1)));
    const versions = await this.jobs.versions(jobId);
    const starts = versions.map((version) => oldestCovered(version, jobId, dayBefore, to));
    return new Date(Math.max(dayBefore.getTime(), ...starts));
  }
}

async function namedOrRefused(...given: Parameters<typeof expectedTimes>): Promise<Date[]> {
  try {
    return await new Slices().through(expectedTimes(...given));
  } catch (error) {
    if (error instanceof RangeTooLarge) {
      const message = `This range names more than ${maxLedgerTimes} nominal times; narrow it with from and to.`;
      throw new DomainError('impossible', 'RANGE_TOO_LARGE', message, {
        errors: [{ pointer: '/from', detail: message }],
      });
    }
    if (!(error instanceof RangeTooFar)) throw error;
    const message = `More than ${MOST_COUNTED} nominal times lie before this range, so it is not counted how many runs maxRuns leaves for it; ask for an earlier one.`;
    throw new DomainError('impossible', 'RANGE_TOO_FAR', message, { errors: [{ pointer: '/from', detail: message }] });
  }
}

/** Since when a version alone names no more times than a share of a ledger. */
function oldestCovered({ schedule, validFrom, validTo }: ScheduleVersion, jobId: string, from: Date, to: Date): number {
  const start = new Date(Math.max(from.getTime(), validFrom.getTime()));
  const end = new Date(Math.min(to.getTime(), validTo?.getTime() ?? Infinity));
  const share = maxLedgerTimes / 2;
  const latest = start < end ? latestTimes(schedule, start, end, jobId, share) : [];
  return latest.length === share ? (latest[0]?.getTime() ?? 0) : 0;
}
