import type { DataSource } from 'typeorm';
import { within } from '../kernel/within.js';

/** PostgreSQL has not finished a commit: it waits for a standby that does not answer. */
export class StuckCommitError extends Error {
  override readonly name = 'StuckCommitError';

  constructor(limitMs: number) {
    super(
      `PostgreSQL has not finished a commit in ${limitMs} ms. With synchronous replication it waits for a standby without a limit, and with it ` +
        'would everything that is begun now: nothing was. Bring the standby back, or take its name out of synchronous_standby_names.',
    );
  }
}

/**
 * Commits what changes nothing but reaches the log of writes, for only such a commit waits for standbys. No limit of PostgreSQL's holds for
 * that wait: `statement_timeout` ends before it.
 *
 * @param limitMs that the commit gets
 * @throws StuckCommitError
 */
export async function mustCommit(dataSource: DataSource, limitMs: number): Promise<void> {
  const committed = dataSource.query("SELECT pg_logical_emit_message(true, 'punctual', '')");
  if (!(await within(limitMs, committed))) {
    committed.catch(() => undefined);
    throw new StuckCommitError(limitMs);
  }
  await committed;
}
