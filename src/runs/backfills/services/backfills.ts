import { Inject, Injectable } from '@nestjs/common';
import { IAuditTrail } from '../../../audit/interfaces/audit-trail.js';
import { fingerprintOf } from '../../../idempotency/domain/fingerprint.js';
import { Idempotency } from '../../../idempotency/services/idempotency.js';
import type { Answered } from '../../../idempotency/services/idempotency.js';
import type { Job, JobView, OwnedBy } from '../../../jobs/domain/job.js';
import { isFinished } from '../../../jobs/domain/job-status.js';
import { suppressedBy, timesBetween } from '../../../schedules/domain/index.js';
import type { RecurringSchedule, ResolvedSchedule } from '../../../schedules/domain/index.js';
import { IJobRepository } from '../../../jobs/interfaces/job-repository.js';
import type { Sender } from '../../../jobs/services/job-submissions.js';
import { JobViews } from '../../../jobs/services/job-views.js';
import { ScheduleDays } from '../../../jobs/services/schedule-days.js';
import { DomainError, conflict, invalid, notFound } from '../../../kernel/errors.js';
import { newId } from '../../../kernel/ids.js';
import type { Page, PageRequest } from '../../../kernel/page.js';
import type { Precondition } from '../../../kernel/precondition.js';
import { ITransactionRunner } from '../../../kernel/transaction.js';
import type { Transaction } from '../../../kernel/transaction.js';
import { maxBackfillTimes } from '../domain/backfill.js';
import type { Backfill, BackfillPolicy, BackfillView, ListedBackfill } from '../domain/backfill.js';
import { IBackfillRepository } from '../interfaces/backfills.js';

export interface BackfillRequest {
  /** Inclusive. */
  from: Date;
  /** Exclusive; not after now. */
  to: Date;
  /** Null: as the job does, `allow_all` or one after the other. */
  overlapPolicy: BackfillPolicy | null;
}

/** Has the runs of a past range made up. The runs themselves are created by the backfiller, a few at a time. */
@Injectable()
export class Backfills {
  constructor(
    @Inject(IBackfillRepository) private readonly backfills: IBackfillRepository,
    @Inject(IJobRepository) private readonly jobs: IJobRepository,
    @Inject(ITransactionRunner) private readonly transactions: ITransactionRunner,
    private readonly idempotency: Idempotency,
    @Inject(IAuditTrail) private readonly trail: IAuditTrail,
    private readonly days: ScheduleDays,
    private readonly views: JobViews,
  ) {}

  /**
   * @throws DomainError `invalid` range; `NOTHING_TO_BACKFILL`, `RANGE_TOO_LARGE` or `HISTORY_PRUNED` (impossible); `JOB_FINISHED` or
   * `BACKFILL_OVERLAPS` (conflict); `not_found`; `CHANGED_MEANWHILE`; `IDEMPOTENCY_KEY_REUSED`
   */
  start(
    jobId: string,
    { userId, idempotencyKey: key }: Sender,
    request: BackfillRequest,
    expected: Precondition<JobView> = null,
  ): Promise<Answered<BackfillView>> {
    const route = `POST /jobs/${jobId}/backfill`;
    const keyed = key === null ? null : { userId, route, key, fingerprint: fingerprintOf(request) };
    return this.transactions.run((tx) =>
      this.idempotency.once(tx, keyed, () => this.create(tx, jobId, userId, request, expected)),
    );
  }

  /** @throws DomainError `not_found`, also for what belongs to somebody else */
  async get(id: string, userId: OwnedBy): Promise<BackfillView> {
    const backfill = await this.backfills.find(id);
    if (!backfill || !(await this.jobs.find(backfill.jobId, userId))) throw notFound('backfill');
    return backfill;
  }

  async ofJob(jobId: string, userId: OwnedBy, page: PageRequest): Promise<Page<ListedBackfill>> {
    if (!(await this.jobs.find(jobId, userId))) throw notFound('job');
    return this.backfills.findByJob(jobId, page);
  }

  /** Runs that wait end as cancelled, those that are running go on, no more are created. */
  async cancel(id: string, userId: OwnedBy): Promise<BackfillView> {
    const { state } = await this.get(id, userId);
    await this.transactions.run(async (tx) => {
      // Its waiting runs are found by its being open.
      const cancelled = await this.backfills.cancelWaiting(tx, id);
      if (!(await this.backfills.end(tx, id, 'cancelled')))
        throw conflict('BACKFILL_FINISHED', `A backfill that is ${state} cannot be cancelled.`, { state, cancelled });
      const after = { state: 'cancelled' };
      await this.trail.record(tx, { target: { kind: 'backfill', id }, before: { state }, after });
    });
    return this.get(id, userId);
  }

  private async create(
    tx: Transaction,
    jobId: string,
    userId: string,
    request: BackfillRequest,
    expected: Precondition<JobView>,
  ): Promise<BackfillView> {
    const job = await this.views.lockExpected(tx, jobId, userId, expected);
    const schedule = scheduleOf(job);
    const now = await this.jobs.now(tx);
    refuseRange(request, now);
    refusePruned(request, await this.backfills.prunedUntil(tx, jobId));
    const running = await this.backfills.findOverlapping(tx, jobId, request.from, request.to);
    if (running)
      throw conflict('BACKFILL_OVERLAPS', `Backfill ${running.id} of this job is making up times of this range.`, {
        backfillId: running.id,
      });
    const times = await this.timesOf(tx, job, await this.days.resolve(tx, schedule), request);
    const created: Backfill = {
      id: newId(),
      jobId,
      rangeFrom: request.from,
      rangeTo: request.to,
      overlapPolicy: request.overlapPolicy ?? (job.overlapPolicy === 'allow_all' ? 'allow_all' : 'buffer_all'),
      state: 'running',
      schedule,
      jobVersion: job.version,
      total: times.length,
      nextAt: times[0] ?? null,
      createdAt: now,
      endedAt: null,
    };
    await this.backfills.insert(tx, created);
    const { id, rangeFrom, rangeTo, overlapPolicy } = created;
    const after = { jobId, rangeFrom, rangeTo, overlapPolicy };
    await this.trail.record(tx, { target: { kind: 'backfill', id }, after });
    return { ...created, counts: {} };
  }

  private async timesOf(
    tx: Transaction,
    { id }: Job,
    schedule: ResolvedSchedule,
    { from, to }: BackfillRequest,
  ): Promise<Date[]> {
    const [first, last] = [new Date(from.getTime() - 1), new Date(to.getTime() - 1)];
    const named = timesBetween(schedule, first, last, id, maxBackfillTimes + 1);
    if (named.length > maxBackfillTimes)
      throw impossible('RANGE_TOO_LARGE', `This range names more than ${maxBackfillTimes} times; narrow it.`);
    const done = new Set((await this.backfills.timesDone(tx, id, from, to)).map(Number));
    const times = named.filter((time) => !suppressedBy(schedule, time) && !done.has(time.getTime()));
    if (times.length > 0) return times;
    const why =
      named.length === 0
        ? 'The schedule names no time in this range.'
        : 'Each of its times is a blackout day or has been backfilled.';
    throw impossible('NOTHING_TO_BACKFILL', why);
  }
}

function scheduleOf({ schedule, status }: Job): RecurringSchedule {
  if (!schedule) throw impossible('NOT_RECURRING', 'A one-time job has no range of times; trigger it instead.');
  if (isFinished(status)) throw conflict('JOB_FINISHED', `A job that is ${status} cannot be backfilled.`, { status });
  return schedule;
}

function refuseRange({ from, to }: BackfillRequest, now: Date): void {
  if (from >= to) throw invalid([{ pointer: '/from', detail: 'from must lie before to.' }]);
  if (to > now) throw invalid([{ pointer: '/to', detail: `to must not lie after now, ${now.toISOString()}.` }]);
}

/** Which times up to the mark an earlier backfill has run is forgotten: none of them may run twice. */
function refusePruned({ from }: BackfillRequest, prunedUntil: Date | null): void {
  if (!prunedUntil || from > prunedUntil) return;
  const until = prunedUntil.toISOString();
  throw impossible(
    'HISTORY_PRUNED',
    `Backfilled runs up to ${until} have been pruned, so what has run is not known any more; from must lie after it.`,
  );
}

const impossible = (code: string, message: string): DomainError =>
  new DomainError('impossible', code, message, { errors: [{ pointer: '/from', detail: message }] });
