/** Statuses of a job as people see them (docs/job-lifecycle.md). */
export const jobStatuses = ['pending', 'running', 'completed', 'failed', 'cancelled', 'paused'] as const;
export type JobStatus = (typeof jobStatuses)[number];

/** `running` is never stored: a job runs while one of its runs does, and only the runs know. */
export type StoredJobStatus = Exclude<JobStatus, 'running'>;

/** From each stored status, where it may go. A finished job stays finished. */
export const jobTransitions: Readonly<Record<StoredJobStatus, readonly StoredJobStatus[]>> = {
  pending: ['completed', 'failed', 'cancelled', 'paused'],
  paused: ['pending', 'completed', 'failed', 'cancelled'],
  completed: [],
  failed: [],
  cancelled: [],
};

export const isFinished = (status: JobStatus): boolean => status !== 'running' && jobTransitions[status].length === 0;
