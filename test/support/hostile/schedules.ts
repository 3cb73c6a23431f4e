import { readFileSync } from 'node:fs';
import { expect } from '@jest/globals';
import { each } from './row.js';
import type { HostileRow, HostileScene } from './row.js';
import { idOf } from './world.js';

/** `H` needs a job to be hashed from, which the corpus does not have and a submission has. */
const refused = (expr: string): boolean => !/(^| )H/.test(expr);

interface Corpus {
  never: { expr: string; tz: string }[];
  reject: { expr: string }[];
  rejectTz: string[];
}

const corpus = JSON.parse(readFileSync('test/cases/cron_cases.json', 'utf8')) as Corpus;
const recurring = (given: object) => ({ json: { name: 'x', type: 'recurring', ...given } });
const promptly = ({ ms }: { ms: number }): void => expect(ms).toBeLessThan(500);

export const scheduleRows: HostileRow[] = [
  ...each('F01', ['', '* * * *', ' ', '\t', '*', null, 7, [], {}], (cron) => ({
    ...{ request: recurring({ cron }), status: 400 },
  })),
  ...each(
    'F01',
    corpus.reject.filter(({ expr }) => refused(expr)),
    ({ expr }) => ({ request: recurring({ cron: expr }), status: 400 }),
    ({ expr }) => `cron ${expr}`,
  ),
  ...each(
    'F02',
    [{ cron: '* * * * * *' }, { cron: '*/30 * * * * *' }, { intervalMs: 1_000 }, { intervalMs: 1 }, { every: 'PT1S' }],
    (given) => ({
      ...{ request: recurring(given), status: 400 },
    }),
  ),
  ...each('F04', ['0 0 30 2 *', '0 0 31 4 *', ...corpus.never.map(({ expr }) => expr)], (cron) => ({
    ...{ request: recurring({ cron }), status: [400, 422], also: promptly },
  })),
  ...each('F05', ['0 0 29 2 *', '0 0 * 2 0#5'], (cron) => ({
    request: recurring({ cron }),
    status: 201,
    also: ({ text }) => {
      expect((JSON.parse(text) as { nextRunAt: string }).nextRunAt).toMatch(/^20/);
    },
  })),
  ...each(
    'F06',
    [
      ...[
        'x'.repeat(10_000),
        '* '.repeat(5_000),
        `${'1,'.repeat(5_000)}1 * * * *`,
        `${'0-59/1,'.repeat(200)}0 * * * *`,
      ],
      ...[Array(1_000).fill('0 0 * * *'), Array(21).fill('0 0 * * *'), `${'('.repeat(5_000)} * * * *`],
    ],
    (cron) => ({ request: recurring({ cron }), status: 400, also: promptly }),
  ),
  ...each(
    'F08',
    [
      { cron: '0 0 * * *', startsAt: '2041-01-01T00:00:00Z', endsAt: '2040-01-01T00:00:00Z' },
      { cron: '0 0 * * *', endsAt: '2001-01-01T00:00:00Z' },
      { cron: '0 0 * * *', startsAt: '2040-01-01T00:00:00Z', endsAt: '2040-01-01T00:00:00Z' },
    ],
    (given) => ({ request: recurring(given), status: [400, 422] }),
  ),
  {
    ...{ id: 'F09', what: 'start 1970, catch up all', status: [201, 400] },
    request: recurring({
      ...{ cron: '* * * * *', startsAt: '1970-01-01T00:00:00Z' },
      catchup: { mode: 'all', max: 1_000, windowMs: 31_536_000_000 },
    }),
    also: async (answer, world) => {
      if (answer.status !== 201) return;
      const [row] = await world.query<{ count: string }>('SELECT count(*) FROM runs WHERE job_id = $1', [idOf(answer)]);
      expect(Number(row?.count)).toBeLessThanOrEqual(2);
    },
  },
  ...each(
    'F09',
    [{ max: 1_001 }, { max: 1e9 }, { windowMs: 31_536_000_001 }, { windowMs: -1 }, { mode: 'ALL' }],
    (catchup) => ({
      ...{ request: recurring({ cron: '0 0 * * *', catchup }), status: 400, pointer: /^\/catchup/ },
    }),
  ),
  ...each(
    'F12',
    ['@every 1ns', '@reboot', 'TZ=UTC 0 0 * * *', '0 0 * * * ; rm -rf /', '$(id) * * * *', '`id` 0 * * *', '@'],
    (cron) => ({
      ...{ request: recurring({ cron }), status: 400 },
    }),
  ),
  ...each(
    '+F',
    [...corpus.rejectTz, '../../etc/localtime', 'UTC\u0000', '__proto__', 'constructor', 7, {}],
    (timezone) => ({
      ...{ request: recurring({ cron: '0 0 * * *', timezone }), status: 400 },
    }),
  ),
  ...each(
    '+F',
    ['P1Y', 'PT', '1 second', '-PT1H', 'PT1e9H', 'P99999999999999D', 7, {}, 'P'.repeat(9_999)],
    (every) => ({
      ...{ request: recurring({ every }), status: 400 },
    }),
  ),
  ...each('+F', [-1, 0, 1.5, 2 ** 53, '60000', null, [60_000]], (intervalMs) => ({
    ...{ request: recurring({ intervalMs }), status: 400 },
  })),
  ...each(
    '+F',
    [Array(100_000).fill('2040-01-01'), ['x'], 'x', [null], [{}]],
    (excludeDates) => ({
      ...{ request: recurring({ cron: '0 0 * * *', excludeDates }), status: [400, 413] },
    }),
    (dates) => `excludeDates ${JSON.stringify(dates).slice(0, 40)}`,
  ),
  ...each('+F', [-1, 1e12, '5', 0.5], (jitterMs) => ({
    ...{ request: recurring({ cron: '0 0 * * *', jitterMs }), status: 400, pointer: '/jitterMs' },
  })),
];

export const scheduleScenes: HostileScene[] = [
  {
    ...{ id: 'F10', what: '30 changes at once of one version: one wins, the others are told', writes: true },
    act: async (world) => {
      const created = await world.send(recurring({ cron: '0 0 * * *' }));
      const path = `/jobs/${idOf(created)}`;
      const answers = await Promise.all(
        Array.from({ length: 30 }, (_, at) =>
          world.send({ method: 'PATCH', path, headers: { 'if-match': '"1"' }, json: { cron: `${at} 1 * * *` } }),
        ),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array<number>(29).fill(412)]);
      const doubles = await world.query(
        'SELECT 1 FROM runs WHERE job_id = $1 GROUP BY nominal_at, trigger HAVING count(*) > 1',
        [idOf(created)],
      );
      expect(doubles).toEqual([]);
      return answers;
    },
  },
];
