import { describe, expect, it } from '@jest/globals';
import { judgeGrowth, sparkline } from '../../faults/growth.js';
import type { Sample } from '../../faults/growth.js';

const count = 200;
const over = (at: (share: number, index: number) => Partial<Sample>): Sample[] =>
  Array.from({ length: count }, (_, index) => ({
    ...{ memory: { api: 100 }, lagMs: {}, redisKeys: 10, redisMb: 2, tables: {} },
    ...at(index / count, index),
  }));
const findings = (samples: Sample[]): string[] => judgeGrowth(samples).findings;

describe('the growth of a long run', () => {
  it('is none where everything swings, and warms up at first', () => {
    const samples = over((share, index) => ({
      memory: { api: share < 0.15 ? 60 : 120 + (index % 40) },
      redisKeys: index % 50,
    }));
    expect(findings(samples)).toEqual([]);
  });

  it('is found in the memory of one process', () => {
    const samples = over((share) => ({ memory: { api: 100, worker: 100 + 80 * share } }));
    expect(findings(samples)).toEqual([expect.stringContaining('worker grows: 12')]);
  });

  it('is found in the keys of Redis', () => {
    expect(findings(over((share) => ({ redisKeys: 200 * share })))).toEqual([expect.stringContaining('Redis, keys')]);
  });

  it('is no matter of tables, which keep history, and is shown all the same', () => {
    const { table, findings: found } = judgeGrowth(over((share) => ({ tables: { runs: 500 * share } })));
    expect(found).toEqual([]);
    expect(table).toMatch(/table runs\s+\|\s+148\.8 MB \|\s+448\.8 MB/);
  });

  it('is not told of a process that lived for a short time only', () => {
    const samples = over((share) => ({ memory: { api: 100, ...(share > 0.7 ? { worker: 1_000 * share } : {}) } }));
    expect(findings(samples)).toEqual([]);
  });

  it('overlooks moments in which nobody answered', () => {
    expect(findings(over((_share, index) => ({ redisKeys: index % 3 === 0 ? NaN : 10 })))).toEqual([]);
  });

  it('is drawn from zero to the most', () => {
    expect(sparkline([0, 5, 10])).toBe('▁▅█');
    expect(sparkline([0, 0])).toBe('▁▁');
    expect(sparkline(Array.from({ length: 1_000 }, (_, index) => index))).toHaveLength(40);
  });
});
