import { expect } from '@jest/globals';
import type { Answer } from './exchange.js';
import { each } from './row.js';
import type { HostileRow, HostileScene } from './row.js';
import { idOf } from './world.js';
import type { World } from './world.js';

const unknownId = '0198c0de-7c1e-7b7e-9d0a-3f1f5b0f2a11';
const later = { name: 'x', type: 'one_time', scheduledAt: '2040-01-01T00:00:00Z' };

/** Bodies that pass, so that only the owner is in question. */
const bodies: Readonly<Record<string, object>> = {
  'PUT /secrets/{name}': { value: 'of another' },
  'PUT /jobs/{id}': later,
  'PATCH /jobs/{id}': { name: 'taken' },
  'POST /jobs/{id}/reschedule': { scheduledAt: '2041-01-01T00:00:00Z' },
};

const without = ({ text, status, headers }: Answer, id: string) => ({
  status,
  type: headers['content-type'],
  text: text.replaceAll(id, '').replace(/"requestId":"[^"]+"/, ''),
});

export const propertyRows: HostileRow[] = [
  ...each(
    'D06',
    ['userId', 'tenantId', 'ownerId', 'id', 'status', 'createdAt', 'version', 'nextRunAt', 'lastRun', 'plannedCount'],
    (field) => ({
      request: ({ b }) => ({ json: { ...later, [field]: b.id } }),
      ...{ status: 400, pointer: `/${field}` },
    }),
    (field) => `POST with ${field}`,
  ),
  ...each(
    'D06',
    ['userId', 'ownerId', 'id', 'status', 'version', 'versionSince'],
    (field) => ({
      request: ({ b, jobId }) => ({ method: 'PATCH', path: `/jobs/${jobId}`, json: { [field]: b.id } }),
      ...{ status: 400, pointer: `/${field}` },
    }),
    (field) => `PATCH with ${field}`,
  ),
  ...each(
    'D10',
    ['/admin/jobs', '/admin/users', '/admin/stats', '/admin/audit', '/queues', '/config', '/impersonate'],
    (path) => ({
      ...{ request: { method: 'GET', path }, status: [403, 404] },
    }),
  ),
  ...each(
    'D12',
    [
      ...[
        '/bull-board',
        '/admin/queues',
        '/docs',
        '/swagger-json',
        '/.env',
        '/.git/config',
        '/debug',
        '/server-status',
      ],
      ...['/actuator/env', '/package.json', '/dist/main.js', '/api/..%2f..%2fpackage.json', '/api/%2e%2e/package.json'],
      ...['/api/../../package.json', '/api//etc/passwd', '/graphql', '/phpinfo.php', '/wp-admin'],
    ],
    (path) => ({ request: { as: 'nobody', method: 'GET', path }, status: [400, 401, 403, 404] }),
  ),
  ...each('K08', ['/health/live', '/health/ready'], (path) => ({
    request: { as: 'nobody', method: 'GET', path },
    status: [200],
    also: ({ text }, { services, a }) => {
      for (const hidden of [services.environment['DB_DATABASE'], services.environment['DB_PORT'], a.email, '127.0.0.1'])
        expect(text).not.toContain(hidden);
      expect(text).not.toMatch(/\d+\.\d+\.\d+/);
    },
  })),
];

/** Every operation with an id, as somebody else's and as nobody's. */
async function matrix(world: World): Promise<Answer[]> {
  const answers: Answer[] = [];
  const ids: Record<string, string> = { jobs: world.jobId, runs: world.runId, secrets: 'of-A' };
  for (const { method, path } of world.operations) {
    const theirs = ids[path.split('/')[1] ?? ''];
    if (!path.includes('{') || !theirs) continue;
    const name = `${method} ${path}`;
    const json = ['GET', 'DELETE'].includes(method) ? undefined : (bodies[name] ?? {});
    const to = (id: string) =>
      world.send({
        as: 'B',
        method,
        path: path.replace('{attemptNumber}', '1').replaceAll(/\{\w+\}/g, id),
        ...(json && { json }),
      });
    const [taken, unknown] = [await to(theirs), await to(unknownId)];
    expect({ name, ...without(taken, theirs) }).toEqual({ name, ...without(unknown, unknownId) });
    expect({ name, refused: [400, 404].includes(taken.status) }).toEqual({ name, refused: true });
    if (name in bodies || !json) expect({ name, status: taken.status }).toEqual({ name, status: 404 });
    answers.push(taken);
  }
  expect(answers.length).toBeGreaterThan(8);
  return answers;
}

export const authorisationScenes: HostileScene[] = [
  { id: 'D01', what: 'every operation on what is A’s, as B: as if it did not exist', act: matrix },
  {
    ...{ id: 'D01', what: 'A’s job and run are as they were' },
    act: async (world) => {
      const answer = await world.send({ method: 'GET', path: `/jobs/${world.jobId}` });
      expect(JSON.parse(answer.text)).toMatchObject({ name: 'of A', status: 'pending', version: 1 });
      return [answer];
    },
  },
  {
    ...{ id: 'D04', what: 'an Idempotency-Key that A used is B’s own', writes: true },
    act: async (world) => {
      const headers = { 'idempotency-key': 'shared-key' };
      const mine = await world.send({ headers, json: { ...later, payload: { secret: 'of A' } } });
      const theirs = await world.send({ as: 'B', headers, json: later });
      expect([mine.status, theirs.status]).toEqual([201, 201]);
      expect(idOf(theirs)).not.toBe(idOf(mine));
      expect(theirs.headers).not.toHaveProperty('idempotency-replayed');
      return [mine, theirs];
    },
  },
  {
    ...{ id: 'D05', what: 'a name and a payload equal to A’s do not clash', writes: true },
    act: async (world) => {
      const answer = await world.send({ as: 'B', json: { name: 'of A', type: 'one_time', payload: { mine: true } } });
      expect(answer.status).toBe(201);
      return [answer];
    },
  },
];
