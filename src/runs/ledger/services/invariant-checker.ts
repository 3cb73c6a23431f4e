import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, Logger } from '@nestjs/common';
import { Config } from '../../../config/config.js';
import { IClock } from '../../../kernel/clock.js';
import { IInvariantCheckLog } from '../interfaces/invariant-check-log.js';
import type { BrokenInvariant } from '../interfaces/invariant-checks.js';
import { Invariants, report } from './invariants.js';

/** Rows that one look covers at most. */
const sliceRows = 2_000;
/** Pause after each look, in ms, and at least so many times what the look took: an audit is in no hurry, and must not make runs late. */
const shortestPauseMs = 100;
const pauseShare = 4;
/** How old the first run is when the first audit begins, in ms: a new installation has other things to do. */
const firstAuditAfterMs = 3_600_000;
/**
 * Audits overlap by a day and an hour, so that what was in flight at the end of one is looked at by the next: runs that
 * end later than a day after their creation are found by their end.
 */
const overlapMs = 90_000_000;
const offendersKept = 5;

/**
 * Checks the books once in an interval, in one process at a time and in small slices: all that was created, or
 * has ended, since the audit before.
 */
@Injectable()
export class InvariantChecker {
  private readonly logger = new Logger(InvariantChecker.name);
  private readonly stopping = new AbortController();

  constructor(
    @Inject(IInvariantCheckLog) private readonly audits: IInvariantCheckLog,
    @Inject(Config) private readonly config: Config,
    @Inject(IClock) private readonly clock: IClock,
    private readonly auditor: Invariants,
  ) {}

  /** What health shows of the last audit. */
  async health(): Promise<Record<string, unknown>> {
    const last = await this.audits.last();
    return { violations: last?.violations ?? 0, lastAuditAt: last?.endedAt ?? null };
  }

  /** Breaks an audit off; the next process to look begins it again. */
  stop(): void {
    this.stopping.abort();
  }

  /**
   * Audits if the last audit is an interval old and nobody else does so.
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
    const { auditIntervalMs } = this.config.ledger;
    if (last) return now.getTime() - last.endedAt.getTime() >= auditIntervalMs;
    const first = await this.audits.firstRunAt();
    return first !== null && now.getTime() - first.getTime() >= Math.min(auditIntervalMs, firstAuditAfterMs);
  }

  private async audit(mustBeAlone: () => void): Promise<void> {
    const startedAt = await this.audits.now();
    const last = await this.audits.last();
    const since = last?.startedAt.getTime() ?? startedAt.getTime() - this.config.ledger.auditIntervalMs;
    const sum = { runs: 0, executions: 0, findings: [] as BrokenInvariant[] };
    let lookedMs = this.clock.monotonicMs();
    for await (const slice of this.auditor.inSlices(new Date(since - overlapMs), startedAt, sliceRows)) {
      sum.runs += slice.runs;
      sum.executions += slice.executions;
      for (const finding of slice.findings) add(sum.findings, finding);
      await this.pause(Math.max(shortestPauseMs, pauseShare * (this.clock.monotonicMs() - lookedMs)));
      if (this.stopping.signal.aborted) return;
      mustBeAlone();
      lookedMs = this.clock.monotonicMs();
    }
    const { runs, executions } = sum;
    const wrong = sum.findings.filter(({ count }) => count > 0);
    const violations = wrong.reduce((all, { count }) => all + count, 0);
    await this.audits.record({ startedAt, endedAt: await this.audits.now(), runs, executions, violations });
    if (violations === 0) this.logger.log(`Audited ${runs} runs with ${executions} executions: all invariants hold`);
    else this.logger.error(`The books are wrong. ${report({ ...sum, findings: wrong })}`);
  }

  private async pause(ms: number): Promise<void> {
    // A pause that is broken off is no failure: the loop sees that it shall stop.
    await sleep(ms, undefined, { signal: this.stopping.signal }).catch(() => undefined);
  }
}

function add(findings: BrokenInvariant[], { check, invariant, count, offenders }: BrokenInvariant): void {
  const known = findings.find((one) => one.check === check);
  if (!known) return void findings.push({ check, invariant, count, offenders: [...offenders] });
  known.count += count;
  known.offenders.push(...offenders.slice(0, offendersKept - known.offenders.length));
}
