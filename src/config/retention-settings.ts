import type { EnvironmentReader } from './environment-reader.js';

const tenYears = 3_650;

/** How long what has ended is kept, in days since its end; 0 keeps for ever. */
export const readRetention = (read: EnvironmentReader) => ({
  /** Runs that have not failed, with their executions and log lines; also records of ledger audits. */
  runsDays: read.integer('RETENTION_RUNS_DAYS', 90, { min: 0, max: tenYears }),
  /** Runs that have failed. */
  failedRunsDays: read.integer('RETENTION_FAILED_RUNS_DAYS', 180, { min: 0, max: tenYears }),
  /** One-time jobs that have ended; none goes before its last run. */
  jobsDays: read.integer('RETENTION_JOBS_DAYS', 90, { min: 0, max: tenYears }),
  /** Answers to submissions with an `Idempotency-Key`: for so long the key is known. */
  idempotencyKeysDays: read.integer('RETENTION_IDEMPOTENCY_KEYS_DAYS', 7, { min: 0, max: tenYears }),
  /** Logins and invites that have expired, and refresh tokens that have been used. */
  credentialsDays: read.integer('RETENTION_CREDENTIALS_DAYS', 30, { min: 0, max: tenYears }),
  /** Pause between two passes over all that may be old, in ms. */
  intervalMs: read.integer('RETENTION_INTERVAL_MS', 3_600_000, { min: 1_000, max: 86_400_000 }),
  /** Rows that one statement looks at. */
  batchSize: read.integer('RETENTION_BATCH_SIZE', 1_000, { min: 10, max: 10_000 }),
});
