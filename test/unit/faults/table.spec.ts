import { describe, expect, it } from '@jest/globals';
import { check } from '../../faults/checker.js';
import type { Performance } from '../../faults/perform.js';
import { comparisonTable, ledgerTable, summaryTable } from '../../faults/table.js';

const nothing = check({
  ...{ submissions: [], calls: [], faults: [], jobs: [], runs: [], executions: [] },
  ...{ policy: { baseDelayMs: 1, maxDelayMs: 1 }, open: null },
});
const performed = (id: string, more: Partial<Performance> = {}): Performance => ({
  ...{ id, title: `title of ${id}`, verdict: { ...nothing, runs: 10, redeliveries: 2 }, failures: [], notes: [] },
  ...{ pages: [], faults: 3, kills: 1, takeoverMs: null, quiesceMs: 900, tookMs: 12_340, ...more },
});
const lines = (table: string): string[][] =>
  table.split('\n').map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

describe('the tables of the fault suite', () => {
  it('sum up a whole run, in order, with what was not run and why', () => {
    const table = summaryTable(
      [performed('F10', { failures: ['lost: x', 'lost: y'] }), performed('F2')],
      [{ id: 'F5', title: 'disk', why: 'no disk' }],
    );
    expect(lines(table).slice(2)).toEqual([
      ['F2', 'title of F2', '10', '1', '2', '0', 'held', '12.3'],
      ['F5', 'disk', '–', '–', '–', '–', 'not run: no disk', '–'],
      ['F10', 'title of F10', '10', '1', '2', '0', '**2 findings**', '12.3'],
      ['all', '', '20', '2', '4', '0', '', '24.6'],
    ]);
  });

  it('have the most, not the sum, of times', () => {
    const table = ledgerTable([
      performed('F1', { takeoverMs: 5 }),
      performed('F2', { takeoverMs: 7.4 }),
      performed('F3'),
    ]);
    expect(lines(table).at(-1)?.slice(-2)).toEqual(['7', '900']);
  });

  it('have the same columns for whatever is compared', () => {
    const [ours, theirs] = [
      comparisonTable([performed('F28')]),
      comparisonTable([performed('F28', { title: 'other' })]),
    ];
    expect(lines(ours)[0]).toEqual(lines(theirs)[0]);
  });
});
