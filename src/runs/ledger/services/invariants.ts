import { Inject, Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.js';
import { IInvariantChecks } from '../interfaces/invariant-checks.js';
import type { Audit, BrokenInvariant } from '../interfaces/invariant-checks.js';

/** How long after its lease has run out a run may still be waiting for recovery, in ms. */
const recoveryPatienceMs = 10_000;
const offendersShown = 5;

/** Checks the books: whether what is stored of each run can be true. */
@Injectable()
export class Invariants {
  constructor(
    @Inject(IInvariantChecks) private readonly audits: IInvariantChecks,
    @Inject(Config) private readonly config: Config,
  ) {}

  /** Runs created from `from` (inclusive) to `to` (exclusive). */
  audit(from: Date, to: Date): Promise<Audit> {
    return this.audits.audit(from, to, this.graceMs, offendersShown);
  }

  /**
   * Runs and jobs created from `from` to `to`, and runs that ended then more than a day after they were created, in slices
   * of up to `rows` rows, each in one short transaction.
   */
  inSlices(from: Date, to: Date, rows: number): AsyncIterable<Audit> {
    return this.audits.inSlices(from, to, this.graceMs, offendersShown, rows);
  }

  private get graceMs(): number {
    return this.config.engine.recoveryIntervalMs + recoveryPatienceMs;
  }
}

export const isClean = ({ findings }: Audit): boolean => findings.every(({ count }) => count === 0);

/** The audit for people, a line for each check and the first offenders under it. */
export const report = (audit: Audit): string =>
  [`${audit.runs} runs, ${audit.executions} executions`, ...audit.findings.flatMap(linesOf)].join('\n');

function linesOf({ check, invariant, count, offenders }: BrokenInvariant): string[] {
  if (count === 0) return [`ok    ${check}: ${invariant}`];
  const unnamed = count - offenders.length;
  return [
    `WRONG ${check}: ${invariant}. ${count} do not:`,
    ...offenders.map(({ id, detail }) => `        ${id}: ${detail}`),
    ...(unnamed > 0 ? [`        and ${unnamed} more`] : []),
  ];
}
