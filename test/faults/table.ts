import type { Performance } from './perform.js';

/** A scenario that cannot be tried on this machine, or whose subject does not exist. */
export interface NotRun {
  id: string;
  title: string;
  why: string;
}

type Column = [head: string, read: (performance: Performance) => number | string, total?: 'sum' | 'most'];

const ledger: Column[] = [
  ['accepted', ({ verdict }) => verdict.accepted, 'sum'],
  ['runs', ({ verdict }) => verdict.runs, 'sum'],
  ['ended', ({ verdict }) => verdict.ended, 'sum'],
  ['calls', ({ verdict }) => verdict.calls, 'sum'],
  ['lost', ({ verdict }) => verdict.lost.length, 'sum'],
  ['unexpected', ({ verdict }) => verdict.unexpected.length, 'sum'],
  ['recovered', ({ verdict }) => verdict.recovered, 'sum'],
  ['twice: explained', ({ verdict }) => verdict.duplicates, 'sum'],
  ['unexplained', ({ verdict }) => verdict.unexplained.length, 'sum'],
  ['early', ({ verdict }) => verdict.early.length, 'sum'],
  ['overlaps: frozen', ({ verdict }) => verdict.frozenOverlaps, 'sum'],
  ['other', ({ verdict }) => verdict.overlapping.length, 'sum'],
  ['unaccounted', ({ verdict }) => verdict.unaccounted.length, 'sum'],
  ['backoff', ({ verdict }) => verdict.backoff.length, 'sum'],
  ['leaked', ({ verdict }) => verdict.leaked.length, 'sum'],
  ['faults', ({ faults }) => faults, 'sum'],
  ['attempts lost', ({ verdict }) => verdict.lostAttempts, 'sum'],
  ['handed back', ({ verdict }) => verdict.released, 'sum'],
  ['takeover ms', ({ takeoverMs }) => takeoverMs?.toFixed(0) ?? '–', 'most'],
  ['quiesce ms', ({ quiesceMs }) => quiesceMs.toFixed(0), 'most'],
];

const summary: Column[] = [
  ['', ({ title }) => title],
  ['runs', ({ verdict }) => verdict.runs, 'sum'],
  ['kills', ({ kills }) => kills, 'sum'],
  ['redeliveries', ({ verdict }) => verdict.redeliveries, 'sum'],
  ['duplicates', ({ verdict }) => verdict.duplicates, 'sum'],
  ['verdict', ({ failures }) => (failures.length === 0 ? 'held' : `**${failures.length} findings**`)],
  ['seconds', ({ tookMs }) => (tookMs / 1_000).toFixed(1), 'sum'],
];

const comparison: Column[] = [
  ['', ({ title }) => title],
  ['accepted', ({ verdict }) => verdict.accepted],
  ['ended', ({ verdict }) => verdict.ended],
  ['lost', ({ verdict }) => verdict.lost.length],
  ['unexpected', ({ verdict }) => verdict.unexpected.length],
  ['early', ({ verdict }) => verdict.early.length],
  ['unaccounted', ({ verdict }) => verdict.unaccounted.length],
  ['duplicates: explained', ({ verdict }) => verdict.duplicates],
  ['unexplained', ({ verdict }) => verdict.unexplained.length],
  ['kills', ({ kills }) => kills],
  ['redeliveries', ({ verdict }) => verdict.redeliveries],
  ['seconds', ({ tookMs }) => (tookMs / 1_000).toFixed(0)],
];

/** What the ledgers say, a line for each scenario. */
export const ledgerTable = (performances: Performance[]): string =>
  markdown([['', ({ id }) => id], ...ledger], performances);

/** What was done and how it went, a line for each scenario, those that were not run among them. */
export const summaryTable = (performances: Performance[], notRun: NotRun[]): string =>
  markdown(
    [['', ({ id }) => id], ...summary],
    performances,
    notRun.map(({ id, title, why }) => [id, title, '–', '–', '–', '–', `not run: ${why}`, '–']),
  );

/** The same columns for the product and for what it is compared with. */
export const comparisonTable = (performances: Performance[]): string => markdown(comparison, performances);

function markdown(columns: Column[], performances: Performance[], more: string[][] = []): string {
  const cells = performances.map((performance) => columns.map(([, read]) => String(read(performance))));
  const lines = [...cells, ...more].toSorted((a, b) => place(a[0]) - place(b[0]));
  return tabled(
    columns.map(([head]) => head),
    performances.length > 1 ? [...lines, totals(columns, cells)] : lines,
  );
}

/** F2 comes before F10. */
const place = (id = ''): number => Number(id.replace(/\D/g, ''));

function totals(columns: Column[], cells: string[][]): string[] {
  return columns.map(([, , total], index) => {
    if (total === undefined) return index === 0 ? 'all' : '';
    const numbers = cells.map((line) => Number(line[index])).filter((number) => !Number.isNaN(number));
    if (total === 'most') return numbers.length > 0 ? String(Math.max(...numbers)) : '–';
    return String(Math.round(10 * numbers.reduce((sum, number) => sum + number, 0)) / 10);
  });
}

const isText = /[a-zA-Z]{3}/;

/** Markdown that reads well as it is, too: words to the left, numbers to the right. */
export function tabled(heads: string[], lines: string[][]): string {
  const widths = heads.map((head, index) =>
    Math.max(head.length, ...lines.map((line) => (line[index] ?? '').length), 2),
  );
  const left = heads.map((_, index) => lines.some((line) => isText.test(line[index] ?? '')));
  const pad = (cell: string, index: number): string =>
    left[index] ? cell.padEnd(widths[index] ?? 0) : cell.padStart(widths[index] ?? 0);
  const draw = (cells: string[]): string => `| ${cells.map(pad).join(' | ')} |`;
  const rules = widths.map((width, index) => (left[index] ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [draw(heads), draw(rules), ...lines.map(draw)].join('\n');
}
