import type { EnvironmentReader } from './environment-reader.js';

/** Days that the database itself keeps audit events, whatever is asked of it. */
const leastDays = 30;

export function readAudit(read: EnvironmentReader) {
  const keepDays = read.integer('RETENTION_AUDIT_LOG_DAYS', 365, { min: 0, max: 3_650 });
  if (keepDays > 0 && keepDays < leastDays)
    read.refuse(
      `RETENTION_AUDIT_LOG_DAYS is "${keepDays}"; it must be 0, which keeps for ever, or at least ${leastDays}.`,
    );
  return {
    /** Days that an event of the audit log is kept; 0 keeps for ever. */
    keepDays,
    /** Rows that a process writes for refusals in a minute; equal ones are folded, what finds no place is counted. */
    refusalsPerMinute: read.integer('AUDIT_LOG_REFUSALS_PER_MINUTE', 600, { min: 10, max: 100_000 }),
  };
}
