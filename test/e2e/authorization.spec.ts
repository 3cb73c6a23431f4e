import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/kernel/ids.js';
import { scopes } from '../../src/kernel/principal.js';
import { startApp } from '../support/app.js';
import type { TestApp } from '../support/app.js';
import { inMs, jobThatIs, runsOf, submit } from '../support/jobs.js';
import { documentedRoutes } from '../support/openapi.js';
import type { Route } from '../support/openapi.js';
import { aUser, anAdmin } from '../support/user.js';
import type { TestUser } from '../support/user.js';

/** What each kind of thing in a path is called, and how its owner comes by one. A new kind of path needs its line here. */
const makers: [path: RegExp, make: (owner: TestUser) => Promise<string>][] = [
  [/^\/(admin\/)?jobs\/\{/, async (owner) => (await aJobOf(owner)).id],
  [/^\/runs\/\{id\}\/executions\/\{/, anAttemptedRunOf],
  [/^\/runs\/\{/, async (owner) => (await runsOf(owner, (await aJobOf(owner)).id))[0]?.id ?? ''],
  [/^\/backfills\/\{/, aBackfillOf],
  [/^\/calendars\/\{/, async (owner) => idOf(owner, '/calendars', { name: newId(), days: ['2030-12-24'] })],
  [/^\/secrets\/\{/, aSecretOf],
  [/^\/auth\/sessions\/\{/, async (owner) => (await owner.get('/auth/sessions').expect(200)).body.data[0].id as string],
  [/^\/auth\/api-keys\/\{/, async (owner) => idOf(owner, '/auth/api-keys', { name: 'k', scopes: ['jobs:read'] })],
  [/^\/admin\/invites\/\{/, async () => newId()],
  [/^\/admin\/users\/\{/, async (owner) => owner.id],
];

let app: TestApp;
let routes: Route[];
let owner: TestUser;
let stranger: TestUser;
let admin: TestUser;
const counts: Record<string, number> = {};

beforeAll(async () => {
  app = await startApp();
  routes = await documentedRoutes();
  [owner, stranger, admin] = [await aUser(app), await aUser(app), await anAdmin(app)];
});
afterAll(async () => {
  await app.stop();
  process.stdout.write(
    `Authorization: ${Object.entries(counts)
      .map((entry) => entry.join(' '))
      .join(', ')}\n`,
  );
});

const aJobOf = (user: TestUser) =>
  submit(user, { name: 'x', type: 'one_time', handler: 'log', payload: { message: 'x' }, scheduledAt: inMs(30_000) });

async function idOf(user: TestUser, path: string, body: object): Promise<string> {
  return (await user.post(path, body).expect(201)).body.id as string;
}

async function anAttemptedRunOf(user: TestUser): Promise<string> {
  const job = await submit(user, { name: 'x', type: 'one_time', handler: 'log', payload: { message: 'x' } });
  await jobThatIs(user, job.id, 'completed');
  return (await runsOf(user, job.id))[0]?.id ?? '';
}

async function aSecretOf(user: TestUser): Promise<string> {
  const name = newId();
  await user.post('/secrets', { name, value: 'some value' }).expect(201);
  return name;
}

async function aBackfillOf(user: TestUser): Promise<string> {
  const hourly = { name: 'x', type: 'recurring', cron: '0 * * * *', handler: 'log', payload: { message: 'x' } };
  const job = await submit(user, hourly);
  return idOf(user, `/jobs/${job.id}/backfill`, { from: '2026-01-01T00:00:00Z', to: '2026-01-01T03:00:00Z' });
}

const placeholder = /\{[^}]+\}/;
const closed = () => routes.filter(({ access }) => access !== null);
const ofSomebody = () => routes.filter(({ path, access }) => placeholder.test(path) && access?.role === undefined);
const at = (path: string, id: string) => path.replace('{attemptNumber}', '1').replace(placeholder, id);

/** @param credential headers */
async function send(route: Route, credential: Record<string, string>, id: string = newId()) {
  const request = app.http[route.method](at(route.path, id)).set(credential);
  return route.body && route.method !== 'get' ? request.send(route.body) : request;
}

const bearer = ({ token }: TestUser) => ({ authorization: `Bearer ${token}` });

async function aKeyOf(user: TestUser, allowed: readonly string[]): Promise<Record<string, string>> {
  const { body } = await user.post('/auth/api-keys', { name: 'k', scopes: allowed }).expect(201);
  return { 'x-api-key': body.key as string };
}

/** Which of the routes answer otherwise than expected. */
async function wrongs(chosen: Route[], kind: string, verdict: (route: Route) => Promise<unknown>): Promise<unknown[]> {
  expect(chosen.length).toBeGreaterThan(0);
  counts[kind] = chosen.length;
  const found: unknown[] = [];
  for (const route of chosen) {
    const wrong = await verdict(route);
    if (wrong) found.push(`${route.name}: ${JSON.stringify(wrong)}`);
  }
  return found;
}

describe('every route', () => {
  it('is closed to nobody in particular, unless it is public', async () => {
    const check = async (route: Route) => {
      const { status, body } = await send(route, {});
      return status !== 401 && { status, body };
    };
    expect(await wrongs(closed(), 'routes × nobody', check)).toEqual([]);
  });

  it('that needs a role is closed to users, who are told which', async () => {
    const needing = closed().filter(({ access }) => access?.role);
    const check = async (route: Route) => {
      const { status, body } = await send(route, bearer(owner));
      return (status !== 403 || body.missing?.role !== route.access?.role) && { status, body };
    };
    expect(await wrongs(needing, 'admin routes × user', check)).toEqual([]);
  });

  it('that needs a role is open to who has it', async () => {
    const needing = closed().filter(({ access }) => access?.role);
    const check = async (route: Route) => {
      const { status, body } = await send(route, bearer(admin));
      return [401, 403].includes(status) && { status, body };
    };
    expect(await wrongs(needing, 'admin routes × admin', check)).toEqual([]);
  });

  it('is closed to a key without its scope, which is told what is missing, and account routes to every key', async () => {
    const check = async (route: Route) => {
      const { scope, role } = route.access ?? {};
      const user = role ? admin : owner;
      const allowed = scopes.filter((one) => one !== scope && (role ?? !one.startsWith('admin:')));
      const { status, body } = await send(route, await aKeyOf(user, allowed));
      const missing = scope ? body.missing?.scope === scope : body.missing?.via === 'session';
      return (status !== 403 || !missing) && { status, body };
    };
    expect(await wrongs(closed(), 'routes × key without the scope', check)).toEqual([]);
  });

  it('with a scope is open to a key that has it', async () => {
    const scoped = closed().filter(({ access }) => access?.scope);
    const check = async (route: Route) => {
      const user = route.access?.role ? admin : owner;
      const { status, body } = await send(route, await aKeyOf(user, [route.access?.scope ?? '']));
      return [401, 403].includes(status) && { status, body };
    };
    expect(await wrongs(scoped, 'routes × key with the scope', check)).toEqual([]);
  });

  it.each(['stranger', 'admin'])(
    "answers %s about somebody else's thing byte for byte as about one that does not exist",
    async (who) => {
      const user = who === 'admin' ? admin : stranger;
      const check = async (route: Route) => {
        const maker = makers.find(([path]) => path.test(route.path));
        if (!maker) return 'no line in `makers` for this kind of path';
        const [id, unknown] = [await maker[1](owner), newId()];
        const theirs = await send(route, bearer(user), id);
        const nothing = await send(route, bearer(user), unknown);
        const same =
          theirs.text.replace(theirs.body.requestId as string, '').replaceAll(id, '') ===
          nothing.text.replace(nothing.body.requestId as string, '').replaceAll(unknown, '');
        return (theirs.status !== 404 || !same) && { theirs: theirs.body, nothing: nothing.body };
      };
      expect(await wrongs(ofSomebody(), `things × ${who}`, check)).toEqual([]);
    },
  );

  it('about a thing finds it for its owner', async () => {
    const check = async (route: Route) => {
      const person = await aUser(app);
      const id = await makers.find(([path]) => path.test(route.path))?.[1](person);
      const { status, body } = await send(route, bearer(person), id);
      return [400, 401, 403, 404].includes(status) && { status, body };
    };
    expect(await wrongs(ofSomebody(), 'things × owner', check)).toEqual([]);
  });
});

describe('a key with runs:write alone', () => {
  it('starts jobs as they are; a payload of its own needs jobs:write', async () => {
    const user = await aUser(app);
    const { id } = await aJobOf(user);
    const trigger = (key: Record<string, string>, body: object) =>
      app.http.post(`/jobs/${id}/trigger`).set(key).send(body);
    const [runs, both] = [await aKeyOf(user, ['runs:write']), await aKeyOf(user, ['runs:write', 'jobs:write'])];
    for (const payload of [{ message: 'mine' }, {}]) {
      const { body } = await trigger(runs, { payload }).expect(403);
      expect(body).toMatchObject({ code: 'SCOPE_REQUIRED', missing: { scope: 'jobs:write' } });
    }
    await trigger(runs, { nominalAt: '2026-01-31T09:00:00Z' }).expect(201);
    await trigger(runs, { payload: null }).expect(201);
    await trigger(both, { payload: { message: 'mine' } }).expect(201);
    await user.post(`/jobs/${id}/trigger`, { payload: { message: 'mine' } }).expect(201);
  });
});
