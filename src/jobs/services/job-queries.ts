import { Inject, Injectable } from '@nestjs/common';
import { invalid, notFound } from '../../kernel/errors.js';
import type { Page, PageRequest } from '../../kernel/page.js';
import type { JobFilter, JobView, OwnedBy } from '../domain/job.js';
import { IJobRepository } from '../interfaces/job-repository.js';

/** What an owner sees of their jobs, and an admin of everybody's. */
@Injectable()
export class JobQueries {
  constructor(@Inject(IJobRepository) private readonly jobs: IJobRepository) {}

  /** @throws DomainError `not_found`, also for what belongs to somebody else */
  async get(id: string, userId: OwnedBy): Promise<JobView> {
    const job = await this.jobs.find(id, userId);
    if (!job) throw notFound('job');
    return job;
  }

  /** @param userId null lists everybody's: for admins */
  async list(userId: OwnedBy, filter: JobFilter, page: PageRequest): Promise<Page<JobView>> {
    if (filter.fromDate && filter.toDate && filter.toDate < filter.fromDate)
      throw invalid([{ pointer: '/toDate', detail: 'toDate must not lie before fromDate.' }]);
    return this.jobs.list(userId, filter, page);
  }
}
