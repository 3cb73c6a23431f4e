import type { EnvironmentReader } from './environment-reader.js';

const range = { min: 0, max: 1_000_000_000 };

/** What a user for whom an admin has set nothing else may have and do; 0 is no limit. */
export const readQuotas = (read: EnvironmentReader) => ({
  /** Jobs that are not finished: more than people keep, and less than what one of them could fill a database with. */
  liveJobs: read.integer('QUOTA_LIVE_JOBS', 100_000, range),
  /** Jobs submitted in a minute; each one of a bulk counts. */
  submissionsPerMinute: read.integer('QUOTA_SUBMISSIONS_PER_MINUTE', 600_000, range),
  /** Bytes of one job's payload, as JSON in UTF-8. */
  payloadBytes: read.integer('QUOTA_PAYLOAD_BYTES', 1_048_576, range),
  /** Recipients of mails in a clock hour. */
  mailsPerHour: read.integer('QUOTA_MAILS_PER_HOUR', 500, range),
  /** Recipients of mails in the present clock hour and the 23 before it. */
  mailsPerDay: read.integer('QUOTA_MAILS_PER_DAY', 5_000, range),
});
