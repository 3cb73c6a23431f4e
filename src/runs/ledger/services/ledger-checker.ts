import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { Config } from '../../../config/config.js';
import { ILedgerChecks } from '../interfaces/ledger-checks.js';
import type { CheckedJob } from '../interfaces/ledger-checks.js';
import { Ledgers } from './ledgers.js';

const jobsAtATime = 100;
/** Pause after so many jobs, in ms: an audit is in no hurry, and must not make runs late. */
const pauseMs = 100;
/** Jobs with gaps, or that could not be audited, that the log names in one audit; the rest are counted. */
const namedFaulty = 20;
/** Overdue jobs that the log names in one look. */
const namedOverdue = 20;
/** Audits overlap by this much, so that what was in flight at the end of one is looked at by the next. */
const overlapMs = 3_600_000;

/**
 * Watches over the promise that every nominal time is accounted for: audits the ledgers of all recurring jobs once in an
 * interval, in one process at a time, and looks out for jobs that nobody plans.
 */
@Injectable()
export class LedgerChecker {
  private readonly logger = new Logger(LedgerChecker.name);
  private overdueIds = new Set<string>();
  private stopping = false;
  private named = 0;

  constructor(
    @Inject(ILedgerChecks) private readonly audits: ILedgerChecks,
    @Inject(Config) private readonly config: Config,
    private readonly ledgers: Ledgers,
  ) {}

  /** What health shows: how many jobs nobody plans, and the times that the last audit missed. */
  async health(): Promise<Record<string, unknown>> {
    const [{ total }, last] = await Promise.all([
      this.audits.overdue(this.config.ledger.overdueAfterMs, 1),
      this.audits.last(),
    ]);
    return { overdueJobs: total, missingTimes: last?.missing ?? 0, lastAuditAt: last?.endedAt ?? null };
  }

  /** Logs each job that has become overdue, once. */
  async watch(): Promise<void> {
    const { jobs } = await this.audits.overdue(this.config.ledger.overdueAfterMs, namedOverdue);
    for (const { id, name, nextRunAt } of jobs)
      if (!this.overdueIds.has(id))
        this.logger.error(`Job ${id} "${name}" is overdue: its time ${nextRunAt.toISOString()} has not been planned`);
    this.overdueIds = new Set(jobs.map(({ id }) => id));
  }

  /** Breaks an audit off; the next process to look begins it again. */
  stop(): void {
    this.stopping = true;
  }

  /**
   * Audits all jobs if the last audit is an interval old and nobody else does so.
   * @throws when others are no longer kept from it; nothing is recorded then
   */
  async auditWhenDue(): Promise<void> {
    if (!(await this.isDue())) return;
    await this.audits.exclusively(async (mustBeAlone) => {
      if (await this.isDue()) await this.audit(mustBeAlone);
    });
  }

  private async isDue(): Promise<boolean> {
    const [last, now] = await Promise.all([this.audits.last(), this.audits.now()]);
    return !last || now.getTime() - last.endedAt.getTime() >= this.config.ledger.auditIntervalMs;
  }

  private async audit(mustBeAlone: () => void): Promise<void> {
    const startedAt = await this.audits.now();
    const last = await this.audits.last();
    const since = last?.startedAt.getTime() ?? startedAt.getTime() - this.config.ledger.auditIntervalMs;
    const from = new Date(since - overlapMs);
    const sum = { jobs: 0, expected: 0, missing: 0 };
    this.named = 0;
    let after: string | null = null;
    do {
      const jobs: CheckedJob[] = await this.audits.jobsAfter(after, from, jobsAtATime);
      for (const job of jobs) {
        const { expected, missing } = await this.auditJob(job, from, startedAt);
        sum.jobs += 1;
        sum.expected += expected;
        sum.missing += missing;
        if (this.stopping) return;
      }
      await sleep(pauseMs);
      if (this.stopping) return;
      mustBeAlone();
      after = jobs.at(-1)?.id ?? null;
    } while (after !== null);
    await this.audits.record({ startedAt, endedAt: await this.audits.now(), ...sum });
    const told = `Audited ${sum.jobs} jobs: ${sum.expected - sum.missing} of ${sum.expected} times accounted for`;
    if (sum.missing > 0) this.logger.error(told);
    else this.logger.log(told);
  }

  private async auditJob({ id, name }: CheckedJob, from: Date, to: Date) {
    try {
      const found = await this.ledgers.gaps(id, from, to);
      if (found.missing > 0)
        this.name(
          `Job ${id} "${name}" has gaps: ${found.missing} of ${found.expected} times have no row, the first ${found.first?.toISOString()}`,
        );
      return found;
    } catch (error) {
      // One job whose ledger cannot be computed must not keep the others from being audited.
      this.name(`Job ${id} "${name}" could not be audited: ${String(error)}`);
      return { expected: 0, missing: 0 };
    }
  }

  private name(fault: string): void {
    this.named += 1;
    if (this.named <= namedFaulty) this.logger.error(fault);
    if (this.named === namedFaulty + 1) this.logger.error('Further jobs are counted, not named');
  }
}
