import type { Performance } from './perform.js';

const columns: [string, (performance: Performance) => string | number][] = [
  ['', ({ id }) => id],
  ['accepted', ({ verdict }) => verdict?.accepted ?? '–'],
  ['runs', ({ verdict }) => verdict?.runs ?? '–'],
  ['ended', ({ verdict }) => verdict?.ended ?? '–'],
  ['calls', ({ verdict }) => verdict?.calls ?? '–'],
  ['lost', ({ verdict }) => verdict?.lost.length ?? '–'],
  ['unexpected', ({ verdict }) => verdict?.unexpected.length ?? '–'],
  ['recovered', ({ verdict }) => verdict?.recovered ?? '–'],
  ['twice: explained', ({ verdict }) => verdict?.duplicates ?? '–'],
  ['unexplained', ({ verdict }) => verdict?.unexplained.length ?? '–'],
  ['early', ({ verdict }) => verdict?.early.length ?? '–'],
  ['overlaps: frozen', ({ verdict }) => verdict?.frozenOverlaps ?? '–'],
  ['other', ({ verdict }) => verdict?.overlapping.length ?? '–'],
  ['faults', ({ faults }) => faults],
  ['kills', ({ kills }) => kills],
  ['attempts lost', ({ verdict }) => verdict?.lostAttempts ?? '–'],
  ['handed back', ({ verdict }) => verdict?.released ?? '–'],
  ['takeover ms', ({ takeoverMs }) => takeoverMs?.toFixed(0) ?? '–'],
  ['quiesce ms', ({ quiesceMs }) => quiesceMs.toFixed(0)],
];

/** Markdown, a line for each scenario. */
export function table(performances: Performance[]): string {
  const lines = performances.map((performance) => columns.map(([, read]) => String(read(performance))));
  const heads = columns.map(([head]) => head);
  const widths = heads.map((head, index) => Math.max(head.length, ...lines.map((line) => (line[index] ?? '').length)));
  const draw = (cells: string[]): string =>
    `| ${cells.map((cell, index) => cell.padStart(widths[index] ?? 0)).join(' | ')} |`;
  return [draw(heads), draw(widths.map((width) => `${'-'.repeat(width - 1)}:`)), ...lines.map(draw)].join('\n');
}
