import { eventually } from './eventually.js';
import type { TestUser } from './user.js';

/** A job as the API shows it. */
export interface ShownJob {
  [field: string]: unknown;
  id: string;
  status: string;
  nextRunAt: string | null;
  errorMessage: string | null;
}

/** A run as the API shows it. */
export interface ShownRun {
  [field: string]: unknown;
  id: string;
  state: string;
  reason: string | null;
  nominalAt: string;
}

/** An execution as the API shows it. */
export interface ShownExecution {
  [field: string]: unknown;
  attemptNumber: number;
  status: string;
  dueAt: string;
  startedAt: string;
  completedAt: string;
}

export const submit = async (user: TestUser, body: object): Promise<ShownJob> =>
  (await user.post('/jobs', body).expect(201)).body as ShownJob;

export const jobOf = async (user: TestUser, id: string): Promise<ShownJob> =>
  (await user.get(`/jobs/${id}`).expect(200)).body as ShownJob;

/** The job once it shows `status`. */
export const jobThatIs = (user: TestUser, id: string, status: string): Promise<ShownJob> =>
  eventually(
    () => jobOf(user, id),
    (job) => job.status === status,
  );

/** The job's first hundred runs, those that lie ahead included, the latest nominal time first. */
export const runsOf = async (user: TestUser, jobId: string): Promise<ShownRun[]> =>
  ((await user.get(`/jobs/${jobId}/runs?limit=100&to=9999-01-01T00:00:00Z`).expect(200)).body as { data: ShownRun[] })
    .data;

/** The job's first hundred attempts, the earliest first. */
export const executionsOf = async (user: TestUser, jobId: string): Promise<ShownExecution[]> =>
  (
    (await user.get(`/jobs/${jobId}/executions?limit=100`).expect(200)).body as { data: ShownExecution[] }
  ).data.reverse();

/** An instant that many ms from now, as the API takes it. */
export const inMs = (ms: number): string => new Date(Date.now() + ms).toISOString();
