import { expect } from '@jest/globals';
import type { Answer } from './exchange.js';
import { each } from './row.js';
import type { HostileRow } from './row.js';

const encoded = encodeURIComponent;
const list = (query: string) => ({ method: 'GET', path: `/jobs?${query}` });
const own = (answer: Answer, userId: string): void => {
  const { data } = JSON.parse(answer.text) as { data: { userId?: string }[] };
  for (const job of data) if (job.userId !== undefined) expect(job.userId).toBe(userId);
};

const ids = ["1' or '1'='1", '../../etc/passwd', '\u0000', 'x'.repeat(10_000), '%', '-1', '{id}', 'NaN', '\u202e', '*'];

export const queryRows: HostileRow[] = [
  ...['/jobs/', '/runs/'].flatMap((prefix) =>
    each(
      'B01',
      ids,
      (id) => ({ request: { method: 'GET', path: `${prefix}${encoded(id)}` }, status: [400, 404, 414] }),
      (id) => `GET ${prefix}${id.slice(0, 40)}`,
    ),
  ),
  ...each('B01', ['DELETE', 'PATCH', 'PUT'], (method) => ({
    request: { method, path: `/jobs/${encoded("1' or '1'='1")}`, json: { name: 'x', type: 'one_time' } },
    status: 400,
  })),
  ...each(
    'B01',
    ['/jobs/../../etc/passwd', '/jobs/%2e%2e%2f%2e%2e%2fetc', '//jobs', '/jobs/%zz', '/jobs/%00'],
    (path) => ({
      ...{ request: { method: 'GET', path }, status: [400, 404] },
    }),
  ),
  ...each(
    'B02',
    ['limit=-1', 'limit=0', 'limit=101', 'limit=1e21', 'limit=abc', 'limit=1&limit=1000000', 'limit=', 'limit[]=1'],
    (query) => ({ request: list(query), status: 400 }),
  ),
  ...each('B02', ['page=0', 'page=-1', 'page=1e21', 'page=99999999999999999999', 'page=1.5', 'page=0x10'], (query) => ({
    ...{ request: list(query), status: 400 },
  })),
  {
    ...{ id: 'B02', what: 'the last page that a number can name', status: [200, 400] },
    request: list('page=9007199254740991&limit=100'),
  },
  ...each(
    'B05',
    [
      'sort=password',
      `sort=${encoded('created_at;select pg_sleep(5)')}`,
      `sort=${encoded('CASE WHEN EXISTS(SELECT 1) THEN id ELSE name END')}`,
      'orderBy=id',
    ],
    (query) => ({ request: list(query), status: 400 }),
  ),
  {
    ...{ id: 'B06', what: 'order with a subquery', status: 400 },
    request: list(`order=${encoded('desc,(select pg_sleep(5))')}`),
    also: ({ ms }) => {
      expect(ms).toBeLessThan(1_000);
    },
  },
  ...each(
    'B08',
    ['%', '_', '\\', "'", '%a'.repeat(100), "'; DROP TABLE jobs; --", '\\%', '😀', '\u202e'],
    (search) => ({
      request: list(`search=${encoded(search)}`),
      status: 200,
      also: (answer, { a }) => {
        own(answer, a.id);
        expect((JSON.parse(answer.text) as { meta: { total: number } }).meta.total).toBe(0);
      },
    }),
  ),
  ...each('B08', ['%a'.repeat(1_000), '\u0000', ''], (search) => ({
    ...{ request: list(`search=${encoded(search)}`), status: 400 },
  })),
  ...each(
    'B08',
    ['search=%ff', 'search=%', 'search[$ne]=1', 'search[]=a', 'search=a&search=b', 'search[__proto__]=1'],
    (query) => ({
      ...{ request: list(query), status: [200, 400] },
      also: () => {
        expect(({} as Record<string, unknown>)['$ne']).toBeUndefined();
      },
    }),
  ),
  ...each(
    'B09',
    [
      'fromDate=2026-02-01&toDate=2026-01-01',
      'fromDate=yesterday',
      'fromDate=2026-13-01T00:00:00Z',
      'fromDate=999999999999999999',
      `fromDate=${encoded('2026-02-01T00:00:00Z')}&toDate=${encoded('2026-01-01T00:00:00Z')}`,
    ],
    (query) => ({ request: list(query), status: 400 }),
  ),
  {
    ...{ id: 'B09', what: 'a range of 100 years reads one page all the same', status: 200 },
    request: list('fromDate=1970-01-01T00:00:00Z&toDate=2070-01-01T00:00:00Z&limit=1'),
  },
  ...each('B10', ['fields=passwordHash,secret', 'include=user', 'select=*', 'userId=1', 'where=1'], (query) => ({
    ...{ request: list(query), status: 400 },
  })),
  ...each(
    '+B',
    ['status=running%27', 'status=pending&status=failed', 'type=x', `handler=${'x'.repeat(51)}`],
    (query) => ({
      ...{ request: list(query), status: 400 },
    }),
  ),
  { id: '+B', what: 'an address of 12 kB', request: list(`search=${'x'.repeat(12_000)}`), status: [400, 414, 431] },
  { id: '+B', what: '1,000 parameters', request: list('a=1&'.repeat(1_000)), status: [400, 414] },
  { id: '+B', what: '__proto__ as a parameter', request: list('__proto__=1&constructor=2'), status: [200, 400] },
];
