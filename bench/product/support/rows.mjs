/**
 * Fills tables with what the program would have written, without knowing their columns: each row is a copy of one that the program
 * has written itself, with other values in some columns.
 */

/**
 * @param {import('pg').Client} client
 * @param {string} table
 * @param {string} template SQL condition on the row to copy
 * @param {string} seeds SQL of a relation: a row for each copy
 * @param {Record<string, string>} changes column → SQL of its value, of a seed's columns
 * @returns {Promise<void>}
 */
export async function copyRow(client, table, template, seeds, changes) {
  const fields = Object.entries(changes).map(([column, value]) => `'${column}', ${value}`);
  await client.query(
    `INSERT INTO ${table}
     SELECT copy.* FROM (SELECT template FROM ${table} AS template WHERE ${template} LIMIT 1) AS original
     CROSS JOIN ${seeds} AS seed
     CROSS JOIN LATERAL jsonb_populate_record(original.template, jsonb_build_object(${fields.join(', ')})) AS copy`,
  );
}

/**
 * Columns that tell one time, whichever of them a table has.
 *
 * @param {string} at SQL
 */
export const allTimes = (at) =>
  Object.fromEntries(
    [
      ...['nominal_at', 'due_at', 'ring_at', 'started_at', 'attempt_started_at', 'ended_at', 'execution_started_at'],
      ...['scheduled_at', 'created_at', 'updated_at', 'version_since', 'timestamp'],
    ].map((column) => [column, at]),
  );
