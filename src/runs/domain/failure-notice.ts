/** A run that has failed for good, and whose owner is still to be told. */
export interface FailureNotice {
  runId: string;
  jobId: string;
  jobName: string;
  handler: string;
  nominalAt: Date;
  failedAt: Date;
  error: string;
  attempts: {
    number: number;
    status: string;
    startedAt: Date;
    completedAt: Date | null;
    errorMessage: string | null;
  }[];
  ownerId: string;
  ownerEmail: string;
  ownerName: string;
  /** How often sending has been tried before. */
  tries: number;
}
