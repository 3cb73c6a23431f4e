import { Injectable } from '@nestjs/common';
import { invalid } from '../../kernel/errors.js';
import type { Page, PageRequest } from '../../kernel/page.js';
import type { JobFilter, JobView, ListedJob, OwnedBy } from '../domain/job.js';
import { JobViews } from './job-views.js';

/** What an owner sees of their jobs, and an admin of everybody's. */
@Injectable()
export class JobQueries {
  constructor(private readonly views: JobViews) {}

  /** @throws DomainError `not_found`, also for what belongs to somebody else */
  get(id: string, userId: OwnedBy): Promise<JobView> {
    return this.views.get(id, userId);
  }

  /** @param userId null lists everybody's: for admins */
  async list(userId: OwnedBy, filter: JobFilter, page: PageRequest): Promise<Page<ListedJob>> {
    if (filter.fromDate && filter.toDate && filter.toDate < filter.fromDate)
      throw invalid([{ pointer: '/toDate', detail: 'toDate must not lie before fromDate.' }]);
    return this.views.list(userId, filter, page);
  }
}
