type Row = Readonly<Record<string, unknown>>;

/**
 * Rows for `json_populate_recordset(json_populate_record(NULL::its_table, common), rows)`. What all of them have in common is
 * told once: reading JSON is a quarter of what a submission costs PostgreSQL. What is undefined is null there.
 *
 * @param rows at least one, each with the same members
 */
export function jsonRows(rows: readonly Row[]): { common: string; rows: string } {
  const [first = {}, ...others] = rows;
  if (others.length === 0) return { common: JSON.stringify(first), rows: '[{}]' };
  const common: Record<string, unknown> = {};
  const own: string[] = [];
  for (const [name, value] of Object.entries(first))
    if (others.every((row) => isSame(row[name], value))) common[name] = value;
    else own.push(name);
  return { common: JSON.stringify(common), rows: `[${rows.map((row) => textOf(row, own)).join(',')}]` };
}

/** Objects other than times are the same only if they are one. */
const isSame = (one: unknown, other: unknown): boolean =>
  one === other || (one instanceof Date && other instanceof Date && one.getTime() === other.getTime());

function textOf(row: Row, names: readonly string[]): string {
  let text = '';
  for (const name of names) {
    const value = row[name];
    if (value !== undefined) text += `${text && ','}"${name}":${JSON.stringify(value)}`;
  }
  return `{${text}}`;
}
