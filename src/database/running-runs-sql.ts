import { databaseNow, notAfter } from './clock-sql.js';

/** By a claim, `ring_at` lies at most so long after the attempt's start, however long the lease: {@link isRunning} relies on it. */
export const ringAfterStart = `interval '1 minute'`;

/**
 * SQL: the run `r` is running. Which ones are is in no index, for a claim would have to write to it: they are looked for among
 * the live runs whose `ring_at` is near, however many others wait for their time. A minute more than {@link ringAfterStart} covers
 * claims ahead of their time, and a clock that was set back meanwhile.
 */
export const isRunning = `r.ended_at IS NULL AND r.state = 'running'
  AND ${notAfter('r.ring_at', `${databaseNow} + interval '2 minutes'`)}`;
