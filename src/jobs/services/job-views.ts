import { Inject, Injectable } from '@nestjs/common';
import { notFound } from '../../kernel/errors.js';
import type { Page, PageRequest } from '../../kernel/page.js';
import { requireUnchanged } from '../../kernel/precondition.js';
import type { Precondition } from '../../kernel/precondition.js';
import { Slices } from '../../kernel/slices.js';
import type { Transaction } from '../../kernel/transaction.js';
import type { Job, JobFilter, JobView, ListedJob, OwnedBy } from '../domain/job.js';
import { asNewView } from '../domain/job-input.js';
import { mayBeSuppressed, withNextStart } from '../domain/next-start-of.js';
import type { Planned } from '../domain/next-start-of.js';
import { IJobRepository } from '../interfaces/job-repository.js';
import { ScheduleDays } from './schedule-days.js';

/** Reads jobs as users see them: `nextRunAt` is the next time that starts, so it lies on no excluded day. */
@Injectable()
export class JobViews {
  constructor(
    @Inject(IJobRepository) private readonly jobs: IJobRepository,
    private readonly days: ScheduleDays,
  ) {}

  /** @throws DomainError `not_found`, also for a job of another owner */
  async get(id: string, userId: OwnedBy, tx: Transaction | null = null): Promise<JobView> {
    const found = await this.jobs.find(id, userId, tx ?? undefined);
    if (!found) throw notFound('job');
    const [view] = await this.shown(tx, [found]);
    return view!;
  }

  async list(userId: OwnedBy, filter: JobFilter, page: PageRequest): Promise<Page<ListedJob>> {
    const { data, meta } = await this.jobs.list(userId, filter, page);
    return { data: await this.shown(null, data), meta };
  }

  /** Views of jobs that are being submitted and are not planned yet. */
  ofNew(tx: Transaction, jobs: Job[]): Promise<JobView[]> {
    return this.shown(tx, jobs.map(asNewView));
  }

  /**
   * Locks the job until the transaction ends. Its runs may still change, and with them its view.
   * @throws DomainError `not_found`, also for a job of another owner; `CHANGED_MEANWHILE`
   */
  async lockExpected(tx: Transaction, id: string, userId: OwnedBy, expected: Precondition<JobView>): Promise<Job> {
    const job = await this.jobs.lock(tx, id, userId);
    if (!job) throw notFound('job');
    if (expected !== null) requireUnchanged('job', await this.get(id, userId, tx), expected);
    return job;
  }

  private async shown<View extends Planned>(tx: Transaction | null, views: View[]): Promise<View[]> {
    const asked = views.filter(mayBeSuppressed);
    if (asked.length === 0) return views;
    const resolve = await this.days.of(
      tx,
      asked.map(({ schedule }) => schedule),
    );
    const slices = new Slices();
    const shown: View[] = [];
    for (const view of views) {
      shown.push(withNextStart(view, resolve));
      const rest = slices.next();
      if (rest) await rest;
    }
    return shown;
  }
}
