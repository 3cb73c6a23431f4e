import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { nextTime } from './next-time.js';
import { parseSchedule } from './parse-schedule.js';

interface Case {
  expr: string;
  tz: string;
  from: string;
  why: string;
  group: string;
  expect: string[];
}

interface Corpus {
  cases: Case[];
  never: Case[];
  reject: { expr: string; why: string }[];
  rejectTz: string[];
}

const corpus = JSON.parse(readFileSync('test/cases/cron_cases.json', 'utf8')) as Corpus;
const options = { minIntervalMs: 1000, now: new Date('2025-01-01T00:00:00Z') };

function problemsOf(input: Parameters<typeof parseSchedule>[0]) {
  const parse = parseSchedule(input, options);
  return 'problems' in parse ? parse.problems : [];
}

describe('the clock-change corpus', () => {
  it.each(corpus.cases.map((one) => [`${one.group}: ${one.expr} from ${one.from} (${one.why})`, one] as const))(
    '%s',
    (_title, { expr, tz, from, expect: expected }) => {
      const parse = parseSchedule({ cron: [expr], timezone: tz }, { ...options, now: new Date(from) });
      if ('problems' in parse) throw new Error(JSON.stringify(parse.problems));
      const times: string[] = [];
      let after: Date | null = new Date(from);
      while (times.length < expected.length && (after = nextTime(parse.schedule, after, 'seed'))) {
        times.push(after.toISOString().replace('.000Z', 'Z'));
      }
      expect(times).toEqual(expected);
    },
  );

  it.each(corpus.never.map((one) => [one.expr, one.why, one] as const))('%s never fires: %s', (_expr, _why, one) => {
    expect(nextTime({ cron: [one.expr], timezone: one.tz }, new Date(one.from), 'seed')).toBeNull();
    expect(problemsOf({ cron: [one.expr], timezone: one.tz })).toMatchObject([
      { pointer: '/cron/0', code: 'cron_never_fires', kind: 'impossible', suggestion: expect.any(String) },
    ]);
  });

  it.each(corpus.reject.map((one) => [one.why, one.expr] as const))('refuses %s: %j', (_why, expr) => {
    const problems = problemsOf({ cron: [expr] });
    expect(problems.length).toBeGreaterThan(0);
    for (const problem of problems) {
      expect(problem).toMatchObject({ pointer: '/cron/0', code: 'cron_syntax', kind: 'invalid' });
      expect(problem.column).toBeGreaterThanOrEqual(1);
      expect(problem.column).toBeLessThanOrEqual(Math.min(expr.length, 256) + 1);
    }
  });

  it.each([...corpus.rejectTz, ''])('refuses the zone %j', (timezone) => {
    expect(problemsOf({ cron: ['0 0 * * *'], timezone })).toMatchObject([
      { pointer: '/timezone', code: 'timezone_unknown', kind: 'invalid', suggestion: expect.any(String) },
    ]);
  });
});
