import pg from 'pg';
import { setting } from './environment.mjs';
import { runTask } from './processes.mjs';
import { LaunchError } from './progress.mjs';
import { freshSecret } from './secrets.mjs';

/** @typedef {import('./postgres.mjs').Connection} Connection */

const unknownDatabase = '3D000';

/**
 * @param {Connection} server
 * @param {string} name
 * @returns {Promise<'created' | 'there'>}
 * @throws {LaunchError} when the server does not answer, or refuses
 */
export async function ensureDatabase(server, name) {
  try {
    await withClient(server, name, () => Promise.resolve());
    return 'there';
  } catch (error) {
    if (codeOf(error) !== unknownDatabase) throw explain(error, server);
  }
  try {
    await withClient(server, 'postgres', (client) => client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`));
    return 'created';
  } catch (error) {
    throw explain(
      error,
      server,
      `Let an administrator of that server run: CREATE DATABASE ${pg.escapeIdentifier(name)}`,
    );
  }
}

/**
 * Runs the compiled migration program.
 *
 * @param {string[]} args `run`, `revert` or `generate <name>`
 * @param {Record<string, string>} environment `DB_*`
 * @returns {Promise<string>} what it said
 */
export async function migrate(args, environment) {
  const { ok, end, output } = await runTask([process.execPath, 'dist/commands/migrate.js', ...args], {
    // The configuration demands a secret, which migrations have no use for.
    env: { ...process.env, JWT_SECRET: setting('JWT_SECRET') ?? freshSecret(), ...environment },
  });
  if (!ok) throw new LaunchError(`The migration failed (${end}):\n${output}`);
  return output.trim();
}

/**
 * @param {Connection} server
 * @param {string} database
 * @param {(client: pg.Client) => Promise<unknown>} work
 */
async function withClient({ username: user, host, port, password, ssl = false }, database, work) {
  const options = { user, host, port, password, ssl };
  const client = new pg.Client({ ...options, database, connectionTimeoutMillis: 10_000 });
  client.on('error', () => {}); // the query under way reports it
  try {
    await client.connect();
    await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/** @param {unknown} error */
const codeOf = (error) => /** @type {{ code?: string }} */ (error).code;

/**
 * @param {unknown} error
 * @param {Connection} server
 * @param {string} advice
 */
function explain(
  error,
  { host, port, username },
  advice = 'Check DATABASE_URL, or DB_HOST, DB_PORT, DB_USERNAME, DB_PASSWORD and DB_DATABASE, and DB_SSL.',
) {
  const reason = (error instanceof Error && error.message) || codeOf(error) || 'no answer';
  return new LaunchError(`PostgreSQL at ${host}:${port} (user ${username}): ${reason}\n${advice}`);
}
