/**
 * @param {readonly string[]} columns
 * @param {readonly (readonly string[])[]} rows
 */
export function markdownTable(columns, rows) {
  const isNumeric = columns.map(
    (_, index) => index > 0 && rows.every((row) => /^[\d.,–\s×%~-]*$/.test(row[index] ?? '')),
  );
  const cells = [columns, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = columns.map((_, index) => Math.max(3, ...cells.map((row) => (row[index] ?? '').length)));
  const line = (/** @type {readonly string[]} */ row) =>
    `| ${widths
      .map((width, index) => (isNumeric[index] ? (row[index] ?? '').padStart(width) : (row[index] ?? '').padEnd(width)))
      .join(' | ')} |`;
  const rule = `| ${widths.map((width, index) => (isNumeric[index] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width))).join(' | ')} |`;
  const [head = [], ...body] = cells;
  return [line(head), rule, ...body.map(line)];
}

/**
 * @param {number} value
 * @returns {string} with the digits that mean something
 */
export function number(value) {
  if (!Number.isFinite(value)) return '–';
  if (Number.isInteger(value) && Math.abs(value) < 1_000_000) return value.toLocaleString('en');
  return Number(value.toPrecision(Math.abs(value) < 1 ? 2 : 3)).toLocaleString('en', { maximumFractionDigits: 6 });
}
