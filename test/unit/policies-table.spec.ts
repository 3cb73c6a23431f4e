import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { overlapPolicies } from '../../src/jobs/domain/policies.js';
import type { Catchup, CatchupMode, OverlapPolicy } from '../../src/jobs/domain/policies.js';
import { happenings, outcomesOf } from '../support/what-happened.js';
import type { HappeningName } from '../support/what-happened.js';

const page = readFileSync('docs/schedules.md', 'utf8');
const table = /<!-- policies: begin -->([^]+)<!-- policies: end -->/.exec(page)?.[1] ?? '';
const [head, , ...rows] = table
  .trim()
  .split('\n')
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

/** The policies of each column, after the two that say what happens and which catch-up. */
const columns = head!.slice(2).map((cell) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name as OverlapPolicy));

function catchupOf(cell: string): Partial<Catchup> {
  const [, mode, max] = /^`(\w+)`(?:, max (\d+))?$/.exec(cell) ?? [];
  return { ...(mode && { mode: mode as CatchupMode }), ...(max && { max: Number(max) }) };
}

describe('the table of policies in docs/schedules.md', () => {
  it('has each policy in a column, and each thing that happens in a row', () => {
    expect(columns.flat().sort()).toEqual([...overlapPolicies].sort());
    expect([...new Set(rows.map(([what]) => what))]).toEqual(Object.keys(happenings));
  });

  it.each(rows)(
    'says what becomes of each time: %s, catch-up %s',
    async (...cells) => {
      const [what, catchup = ''] = cells;
      for (const [index, policies] of columns.entries())
        for (const policy of policies) {
          const played = await outcomesOf(what as HappeningName, catchupOf(catchup), policy);
          expect([policy, played]).toEqual([policy, cells[index + 2]]);
        }
    },
    120_000,
  );
});
