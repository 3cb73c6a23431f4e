import { readdirSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { choose } from '../../bench/frame/catalogue.mjs';
import { markdownTable, number } from '../../bench/frame/markdown.mjs';
import { measurements } from '../../bench/frame/measurements.mjs';
import { standings } from '../../bench/frame/standings.mjs';
import { percentile, summary } from '../../bench/frame/statistics.mjs';

const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 });

describe('the bench', () => {
  it('takes for a percentile the smallest value that so many do not exceed', () => {
    fc.assert(
      fc.property(values, fc.double({ min: 0.01, max: 1, noNaN: true }), (sample, share) => {
        const found = percentile(sample, share);
        const needed = share * sample.length;
        expect(sample).toContain(found);
        expect(sample.filter((value) => value <= found).length).toBeGreaterThanOrEqual(needed);
        expect(sample.filter((value) => value < found).length).toBeLessThan(needed);
      }),
    );
  });

  it('takes a median with as many values below as above', () => {
    fc.assert(
      fc.property(values, (sample) => {
        const { median, min, max } = summary(sample);
        const [below, above] = [sample.filter((value) => value < median), sample.filter((value) => value > median)];
        expect(Math.max(below.length, above.length)).toBeLessThanOrEqual(sample.length / 2);
        expect([min, max]).toEqual([Math.min(...sample), Math.max(...sample)]);
      }),
    );
    expect(summary([4, 1, 3, 2]).median).toBe(2.5);
  });

  it('ranks by medians, and takes ratios to the median of the base', () => {
    const drain = measurements.find(({ name }) => name === 'drain')!;
    const facts = {
      keepsHistory: 'no',
      stores: 'Redis',
      settings: '',
      ours: false,
      limit: false,
      scale: {},
    };
    const subjects = ['bull', 'slow', 'fast'].map((name) => ({ ...facts, name, title: name }) as never);
    const figures: Record<string, number[]> = { bull: [90, 100, 5_000], slow: [50, 49, 51], fast: [210, 200, 1] };
    const outcomes = Object.entries(figures).flatMap(([subject, rates]) =>
      rates.map((rate, index) => ({
        measurement: 'drain' as const,
        subject,
        round: index + 1,
        slowness: 1,
        noisy: subject === 'slow' && index === 2,
        jobs: 1_000,
        figures: [rate],
        costs: { cpuSeconds: 2, walBytes: 5_000 },
      })),
    );
    const results = {
      command: '',
      at: '',
      took: '',
      machine: '',
      software: '',
      cores: 2,
      scenes: [],
      subjects,
      outcomes,
    };
    const ranked = standings(results, drain);
    expect(ranked.map(({ subject, ratio, noisy }) => [subject.name, ratio, noisy])).toEqual([
      ['fast', 2, false],
      ['bull', 1, false],
      ['slow', 0.5, true],
    ]);
    expect(ranked[0]).toMatchObject({ cpuMs: { median: 2 }, walBytes: { median: 5 } });
  });

  it('leaves a failed measurement out of the medians', () => {
    const drain = measurements.find(({ name }) => name === 'drain')!;
    const outcome = { measurement: 'drain' as const, subject: 'bull', slowness: 1, noisy: false, jobs: 10 };
    const bull = { name: 'bull', title: 'bull' } as never;
    const results = {
      command: '',
      at: '',
      took: '',
      machine: '',
      software: '',
      cores: 2,
      scenes: [],
      subjects: [bull],
    };
    const good = { ...outcome, round: 1, figures: [7], costs: { walBytes: 0 } };
    const bad = { ...outcome, round: 2, failure: 'It ended.' };
    expect(standings({ ...results, outcomes: [good, bad] }, drain)[0]?.figures[0]).toEqual({
      median: 7,
      min: 7,
      max: 7,
    });
    expect(standings({ ...results, outcomes: [bad] }, drain)).toEqual([]);
  });

  it('chooses by names and by their beginnings up to a hyphen, and refuses what fits nothing', () => {
    const all = ['bull', 'bullmq', 'bullmq-postgresql', 'pg-boss-100'].map((name) => ({ name }));
    const names = (wanted: string | undefined): string[] => choose(all, wanted, 'subjects').map(({ name }) => name);
    expect(names('bull')).toEqual(['bull']);
    expect(names('bullmq, pg-boss')).toEqual(['bullmq', 'bullmq-postgresql', 'pg-boss-100']);
    expect(names(undefined)).toHaveLength(4);
    expect(() => names('bull,pg-bos')).toThrow('--subjects: "pg-bos" is none of bull, bullmq');
  });

  it('writes numbers and tables as Prettier would leave them', () => {
    expect([40_000, 0.08765, 1_234.567, 12, NaN].map(number)).toEqual(['40,000', '0.088', '1,230', '12', '–']);
    expect(markdownTable(['', 'a|b', 'word'], [['x', '1,000', 'yes']])).toEqual([
      '|     |  a\\|b | word |',
      '| --- | ----: | ---- |',
      '| x   | 1,000 | yes  |',
    ]);
  });

  it('has subjects that are named as their files, so that they can be chosen', async () => {
    const files = readdirSync('bench/subjects').filter((file) => file.endsWith('.mjs'));
    for (const file of files) {
      const { subject } = (await import(`../../bench/subjects/${file}`)) as { subject: { name: string } };
      expect(`${subject.name}.mjs`).toBe(file);
    }
    expect(files.length).toBeGreaterThan(10);
  });
});
