import { Inject, Injectable } from '@nestjs/common';
import { Config } from '../../../config/config.js';
import { isFinished } from '../../../jobs/domain/job-status.js';
import { nextTime, suppressedBy, timesBetween } from '../../../schedules/domain/index.js';
import { ScheduleDays } from '../../../jobs/services/schedule-days.js';
import { newId } from '../../../kernel/ids.js';
import { ITransactionRunner } from '../../../kernel/transaction.js';
import type { Transaction } from '../../../kernel/transaction.js';
import type { Ring } from '../../domain/ring.js';
import type { NewRun } from '../../domain/run.js';
import { liveStates } from '../../domain/run-state.js';
import { IBackfillRepository } from '../interfaces/backfills.js';
import type { RunningBackfill } from '../interfaces/backfills.js';
import { IRunRepository } from '../../interfaces/run-repository.js';
import { DoorbellDispatcher } from '../../dispatch/services/doorbell-dispatcher.js';

const backfillsAtATime = 20;

/** Creates the runs of backfills as fast as they are worked off. Any number may run at once: row locks share the work out. */
@Injectable()
export class Backfiller {
  constructor(
    @Inject(IBackfillRepository) private readonly backfills: IBackfillRepository,
    @Inject(IRunRepository) private readonly runs: IRunRepository,
    @Inject(ITransactionRunner) private readonly transactions: ITransactionRunner,
    @Inject(Config) private readonly config: Config,
    private readonly dispatcher: DoorbellDispatcher,
    private readonly days: ScheduleDays,
  ) {}

  /** One round over all running backfills. */
  async feed(): Promise<void> {
    let after: string | null = null;
    do after = await this.feedSome(after);
    while (after !== null);
  }

  private async feedSome(after: string | null): Promise<string | null> {
    const { last, rings } = await this.transactions.run(async (tx) => {
      const running = await this.backfills.lockRunning(tx, after, backfillsAtATime);
      const owed: Ring[] = [];
      for (const backfill of running) owed.push(...(await this.feedOne(tx, backfill)));
      return { last: running.at(-1)?.id ?? null, rings: owed };
    });
    this.dispatcher.ringLater(rings);
    return last;
  }

  private async feedOne(tx: Transaction, backfill: RunningBackfill): Promise<Ring[]> {
    const { id, jobStatus, nextAt, counts } = backfill;
    const live = liveStates.reduce((sum, state) => sum + (counts[state] ?? 0), 0);
    if (isFinished(jobStatus)) await this.backfills.end(tx, id, 'cancelled');
    else if (nextAt === null && live === 0) await this.backfills.end(tx, id, 'completed');
    else if (nextAt !== null) return this.create(tx, backfill, nextAt, this.config.backfill.inFlight - live);
    return [];
  }

  private async create(tx: Transaction, backfill: RunningBackfill, nextAt: Date, room: number): Promise<Ring[]> {
    if (room <= 0) return [];
    const { id, jobId, rangeTo } = backfill;
    const schedule = await this.days.resolve(tx, backfill.schedule);
    const [justBefore, end] = [new Date(nextAt.getTime() - 1), new Date(rangeTo.getTime() - 1)];
    const times = timesBetween(schedule, justBefore, end, jobId, room);
    const now = await this.runs.now(tx);
    const wanted = times.filter((time) => !suppressedBy(schedule, time));
    // Times that an earlier backfill has made up keep its run.
    const rings = await this.runs.insert(
      tx,
      wanted.map((time) => newRun(backfill, time, now)),
      true,
    );
    const following = nextTime(schedule, times.at(-1) ?? end, jobId);
    await this.backfills.advance(tx, id, following && following < rangeTo ? following : null);
    return rings;
  }
}

/** Runs of `allow_all` pass no gate: they neither wait for other runs of the job nor hold them up. */
const newRun = ({ jobId, jobVersion, overlapPolicy }: RunningBackfill, nominalAt: Date, now: Date): NewRun => ({
  id: newId(),
  jobId,
  nominalAt,
  dueAt: now,
  trigger: 'backfill',
  jobVersion,
  gated: overlapPolicy !== 'allow_all',
});
