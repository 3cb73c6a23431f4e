/** Statuses of a job as people see them (docs/job-lifecycle.md). */
export const jobStatuses = ['pending', 'running', 'completed', 'failed', 'cancelled', 'paused'] as const;
export type JobStatus = (typeof jobStatuses)[number];

/** `running` is never stored: a job is running while one of its runs is, and only the rows of the runs say so. */
export type StoredJobStatus = Exclude<JobStatus, 'running'>;

/** The permitted changes from each stored status. A finished job stays finished. */
export const jobTransitions: Readonly<Record<StoredJobStatus, readonly StoredJobStatus[]>> = {
  pending: ['completed', 'failed', 'cancelled', 'paused'],
  paused: ['pending', 'completed', 'failed', 'cancelled'],
  completed: [],
  failed: [],
  cancelled: [],
};

export const isFinished = (status: JobStatus): boolean => status !== 'running' && jobTransitions[status].length === 0;
