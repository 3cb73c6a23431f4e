import pg from 'pg';
import type { ClientBase } from 'pg';
import { within } from '../kernel/within.js';

/** Ms that a pooler gets for a second connection; one that has none to give keeps sessions apart, or is full. */
const patienceMs = 1_000;

/** SQLSTATE protocol_violation: PgBouncer's answer to BEGIN where each statement has a session of its own. */
const noTransactions = '08P01';

/** A pooler gives each transaction, or each statement, whichever session is free. */
export class SharedSessionsError extends Error {
  override readonly name = 'SharedSessionsError';
  readonly code = 'SHARED_SESSIONS';

  constructor() {
    super(
      'PostgreSQL is reached through a pooler that gives each transaction another session (PgBouncer: pool_mode = transaction or statement). ' +
        'Punctual prepares statements and takes advisory locks, which belong to a session: set pool_mode = session for its database ' +
        'in pgbouncer.ini, or connect to PostgreSQL itself with DB_HOST and DB_PORT.',
    );
  }
}

const sessionOf = async (client: ClientBase): Promise<number> =>
  (await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]!.pid;

/**
 * Whether a connection keeps its session. While another one has a transaction open, a pooler that shares sessions has either given
 * that one the session that this one had, or gives this one another.
 *
 * @param client that goes through a pooler
 * @param another is opened by this and closed again
 * @returns false where the pooler has no second session to try it with
 * @throws SharedSessionsError
 */
export async function keepsItsSession(client: ClientBase, another: pg.Client): Promise<boolean> {
  another.on('error', () => undefined);
  const trial = isApart(client, another).catch((error: unknown) =>
    error instanceof pg.DatabaseError && error.code === noTransactions ? false : undefined,
  );
  const isKnown = (await within(patienceMs, trial)) ? await trial : undefined;
  void another.end().catch(() => undefined);
  if (isKnown === false) throw new SharedSessionsError();
  return isKnown === true;
}

async function isApart(client: ClientBase, another: pg.Client): Promise<boolean> {
  const before = await sessionOf(client);
  await another.connect();
  await another.query('BEGIN');
  const others = await sessionOf(another);
  return others !== before && (await sessionOf(client)) === before;
}
