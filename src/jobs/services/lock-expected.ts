import { notFound } from '../../kernel/errors.js';
import { requireUnchanged } from '../../kernel/precondition.js';
import type { Precondition } from '../../kernel/precondition.js';
import type { Transaction } from '../../kernel/transaction.js';
import type { Job, JobView, OwnedBy } from '../domain/job.js';
import type { IJobRepository } from '../interfaces/job-repository.js';

/**
 * The job, locked until the transaction ends. What its runs do may still change how it is shown.
 * @throws DomainError `not_found`, also for what belongs to somebody else; `CHANGED_MEANWHILE`
 */
export async function lockExpected(
  jobs: IJobRepository,
  tx: Transaction,
  id: string,
  userId: OwnedBy,
  expected: Precondition<JobView>,
): Promise<Job> {
  const job = await jobs.lock(tx, id, userId);
  if (!job) throw notFound('job');
  if (expected === null) return job;
  const view = await jobs.find(id, userId, tx);
  if (!view) throw notFound('job');
  requireUnchanged('job', view, expected);
  return job;
}
