import { beforeAll, describe, expect, it } from '@jest/globals';
import type { RunRow } from '../support/in-memory/database.js';
import { HandCrankedEngine } from '../support/hand-cranked-engine.js';

const dayMs = 86_400_000;

describe('a year of a daily 02:30 job in New York', () => {
  let runs: RunRow[];
  /** Processor time: what else the machine does must not decide. */
  let tookMs: number;
  const at = (nominalAt: string): RunRow | undefined =>
    runs.find((run) => run.nominalAt.getTime() === Date.parse(nominalAt));

  beforeAll(async () => {
    const engine = await HandCrankedEngine.start('2026-01-01T00:00:00-05:00');
    const id = await engine.submit({ type: 'recurring', cron: '30 2 * * *', timezone: 'America/New_York' });
    const before = process.cpuUsage();
    await engine.advance(365 * dayMs);
    const { user, system } = process.cpuUsage(before);
    tookMs = (user + system) / 1_000;
    runs = await engine.runs(id);
  }, 120_000);

  it('passes in a moment of computing', () => {
    expect(tookMs).toBeLessThan(10_000);
  });

  it('has 365 runs, each with one attempt that started when it was due, and a reason', () => {
    expect(runs).toHaveLength(365);
    for (const run of runs)
      expect(run).toMatchObject({
        ...{ state: 'succeeded', reason: 'completed', attempts: 1, dueAt: run.nominalAt, startedAt: run.nominalAt },
      });
  });

  it('has one run on each local day', () => {
    const days = runs.map(({ nominalAt }) => nominalAt.toLocaleDateString('en-CA', { timeZone: 'America/New_York' }));
    expect(new Set(days).size).toBe(365);
    expect([days[0], days.at(-1)]).toEqual(['2026-01-01', '2026-12-31']);
  });

  it('runs at the first instant after the gap when 02:30 does not exist', () => {
    expect(at('2026-03-08T03:00:00-04:00')).toBeDefined();
    expect(at('2026-03-09T02:30:00-04:00')).toBeDefined();
  });

  it('runs once when the clocks go back, and an hour later in UTC from then on', () => {
    expect(at('2026-10-31T02:30:00-04:00')).toBeDefined();
    expect(at('2026-11-01T02:30:00-05:00')).toBeDefined();
  });
});
