type Row = Readonly<Record<string, unknown>>;

/**
 * Rows for `json_populate_recordset(json_populate_record(NULL::its_table, common), rows)`. What all of them have in common is
 * told once: reading JSON is a quarter of what a submission costs PostgreSQL. What is undefined is null there.
 *
 * @param rows at least one, each with the same members
 */
export function jsonRows(rows: readonly Row[]): { common: string; rows: string } {
  const [first = {}] = rows;
  if (rows.length === 1) return { common: JSON.stringify(first), rows: '[{}]' };
  const common: Record<string, unknown> = {};
  const own: string[] = [];
  for (const name of Object.keys(first))
    if (isCommon(rows, name, first[name])) common[name] = first[name];
    else own.push(name);
  let texts = '';
  for (const row of rows) texts += `${texts && ','}{${textOf(row, own)}}`;
  return { common: JSON.stringify(common), rows: `[${texts}]` };
}

/** Objects other than times are the same only if they are one. */
function isCommon(rows: readonly Row[], name: string, value: unknown): boolean {
  const ms = value instanceof Date ? value.getTime() : NaN;
  for (const { [name]: other } of rows)
    if (other !== value && !(other instanceof Date && other.getTime() === ms)) return false;
  return true;
}

function textOf(row: Row, names: readonly string[]): string {
  let text = '';
  for (const name of names) {
    const value = row[name];
    if (value !== undefined) text += `${text && ','}"${name}":${JSON.stringify(value)}`;
  }
  return text;
}
