import { escapeLiteral } from 'pg';
import type { ClientBase } from 'pg';

/** Settings of PostgreSQL by their names, as `set_config` takes them. */
export type SessionSettings = Readonly<Record<string, string>>;

/**
 * What the driver and the statements rely on, and what a server, a database or a role may have set otherwise. The driver reads times
 * in ISO alone and gives null for any other; what is isolated more strictly than statements are written for is refused now and then.
 * PostgreSQL's manual, chapter "Client Connection Defaults".
 */
const relied: SessionSettings = {
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  client_encoding: 'UTF8',
  standard_conforming_strings: 'on',
  extra_float_digits: '1',
  bytea_output: 'hex',
  transform_null_equals: 'off',
  array_nulls: 'on',
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
};

/**
 * PostgreSQL's default says that a random read costs four times a sequential one, as on turning disks; its planner then
 * reads whole tables to settle a few hundred runs, at four times the cost measured. Its manual advises 1.1 for SSDs.
 */
const planner: SessionSettings = { random_page_cost: '1.1' };

/**
 * @param statementTimeoutMs after which the server cancels a statement, and ends a session that leaves its transaction alone; 0 is never
 * @param lockTimeoutMs after which it cancels a statement that waits for a lock; what the server says by default
 */
export const sessionSettings = (statementTimeoutMs: number, lockTimeoutMs?: number): SessionSettings => ({
  ...relied,
  ...planner,
  statement_timeout: String(statementTimeoutMs),
  idle_in_transaction_session_timeout: String(statementTimeoutMs),
  ...(lockTimeoutMs !== undefined && { lock_timeout: String(lockTimeoutMs) }),
});

/**
 * Sets them for a connection that has just been opened. They are not sent with its start: poolers such as PgBouncer refuse
 * unknown ones there, or drop them without a word.
 *
 * @returns process id of the server's side, which poolers do not tell by themselves
 */
export async function openSession(client: ClientBase, settings: SessionSettings): Promise<number> {
  const calls = Object.entries(settings).map(
    ([name, value]) => `set_config('${name}', ${escapeLiteral(value)}, false)`,
  );
  const { rows } = await client.query<{ pid: number }>(`SELECT ${['pg_backend_pid() AS pid', ...calls].join(', ')}`);
  return rows[0]!.pid;
}
