import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestApp } from '../support/app.js';
import { startGuardedApp } from '../support/hostile/guarded-app.js';
import { Outside } from '../support/hostile/outside.js';
import { innerUrls } from '../support/hostile/targets.js';
import { executionsOf, jobThatIs, submit } from '../support/jobs.js';
import type { ShownExecution } from '../support/jobs.js';
import { aUser } from '../support/user.js';
import type { TestUser } from '../support/user.js';

/** Section E of test/cases/hostile_inputs.md, at the connection: what a URL does not show. */
const publicAddress = '93.184.215.14';

let outside: Outside;
let app: TestApp;
let user: TestUser;
beforeAll(async () => {
  outside = await Outside.start();
  app = await startGuardedApp(outside);
  user = await aUser(app);
});
afterAll(async () => {
  await app.stop();
  await outside.stop();
});

let serial = 0;
const aHost = (): string => `target-${(serial += 1)}.example.com`;
const call = (url: string, given: object = {}) =>
  submit(user, { name: 'call', type: 'one_time', handler: 'http', maxRetries: 3, payload: { url }, ...given });

/** Waits until the job has failed, and answers its one attempt: what is refused is not tried again. */
async function refused(id: string): Promise<ShownExecution> {
  await jobThatIs(user, id, 'failed');
  const executions = await executionsOf(user, id);
  expect(executions.length).toBe(1);
  expect(executions[0]).toMatchObject({ status: 'failed', errorMessage: expect.stringContaining('SSRF_BLOCKED') });
  return executions[0]!;
}

/** Every address of the table, as a name server would give it. */
const innerAddresses = [
  ...['127.0.0.1', '127.8.9.1', '0.0.0.0', '10.0.0.1', '172.16.0.1', '192.168.0.1', '100.64.0.1', '169.254.169.254'],
  ...['169.254.170.2', '100.100.100.200', '192.0.0.192', '168.63.129.16', '198.18.0.1', '224.0.0.1', '255.255.255.255'],
  ...[
    '::',
    '::1',
    '::7f00:1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:0:127.0.0.1',
    '::ffff:a9fe:a9fe',
    'fe80::1',
  ],
  ...['fec0::1', 'fc00::1', 'fd00:ec2::254', 'ff02::1', '100::1', '64:ff9b::7f00:1', '64:ff9b:1::1', '2002:7f00:1::'],
  ...['2001::1', '2001:db8::1', '4000::1'],
];

describe('a name that leads inside (E04, E10)', () => {
  it.each(innerAddresses)('%s: the attempt fails once, and nothing is opened', async (address) => {
    const host = aHost();
    outside.name(host, [[address]]);
    const { id } = await call(`http://${host}/`);
    const { errorMessage } = await refused(id);
    expect(String(errorMessage)).not.toContain(address);
    expect(outside.openedTo(host)).toEqual([]);
  });

  it.each(['localtest.me', 'metadata.google.internal', 'instance-data.ec2.internal'])('%s', async (host) => {
    outside.name(host, [['169.254.169.254']]);
    await refused((await call(`http://${host}/`)).id);
    expect(outside.openedTo(host)).toEqual([]);
  });

  it.each([
    ['first', ['127.0.0.1', publicAddress]],
    ['last', [publicAddress, '127.0.0.1']],
    ['among IPv6', ['2606:4700:4700::1111', '::1']],
  ])('one inner address %s among public ones is enough', async (_, addresses) => {
    const host = aHost();
    outside.name(host, [addresses]);
    await refused((await call(`http://${host}/`)).id);
    expect(outside.openedTo(host)).toEqual([]);
  });
});

describe('rebinding (E20, E21)', () => {
  it('one look-up decides and is what is connected to; the next connection asks again', async () => {
    const host = aHost();
    outside.name(host, [[publicAddress], ['127.0.0.1']]);
    const first = await call(`http://${host}/`);
    await jobThatIs(user, first.id, 'completed');
    expect(outside.openedTo(host).map(({ address }) => address)).toEqual([publicAddress]);
    await refused((await call(`http://${host}/`)).id);
    expect(outside.openedTo(host).map(({ address }) => address)).toEqual([publicAddress]);
  });

  it('between two attempts of one run: the second is refused, and there is no third', async () => {
    const host = aHost();
    outside.name(host, [[publicAddress], ['127.0.0.1']]);
    outside.redirect(host, 503, '/');
    const { id } = await call(`http://${host}/`);
    await jobThatIs(user, id, 'failed');
    const messages = (await executionsOf(user, id)).map(({ errorMessage }) => String(errorMessage));
    expect(messages).toEqual([expect.stringContaining('503'), expect.stringContaining('SSRF_BLOCKED')]);
    expect(outside.openedTo(host).map(({ address }) => address)).toEqual([publicAddress]);
  });

  it.each(['127.0.0.1', '::ffff:10.0.0.1', ''])(
    'a peer that turns out to be %j is left before a byte',
    async (peer) => {
      const host = aHost();
      outside.name(host, [[publicAddress]]);
      outside.peer(host, peer);
      await refused((await call(`http://${host}/`)).id);
      expect(outside.openedTo(host)).toEqual([{ host, address: publicAddress, bytes: 0 }]);
    },
  );
});

describe('a redirect (E22)', () => {
  const places = [innerUrls['E01']?.[0], innerUrls['E09']?.[0], 'file:///etc/passwd', 'gopher://127.0.0.1:6379/_x'];
  it.each([301, 302, 303, 307, 308].flatMap((status) => places.map((place) => [status, String(place)] as const)))(
    '%i to %s is not followed',
    async (status, place) => {
      const host = aHost();
      outside.name(host, [[publicAddress]]);
      outside.redirect(host, status, place);
      const { id } = await call(`http://${host}/`);
      await jobThatIs(user, id, 'failed');
      expect((await executionsOf(user, id)).length).toBe(1);
      expect(outside.openedTo(host).length).toBe(1);
    },
  );
});

describe('a definition that was allowed once', () => {
  it('is checked again at each attempt: literals in a stored URL are refused too', async () => {
    const scheduledAt = new Date(Date.now() + 2_000).toISOString();
    const job = await call('http://allowed.example.com/', { scheduledAt });
    await app.database.query(
      `UPDATE jobs SET payload = jsonb_set(payload::jsonb, '{url}', '"http://127.0.0.1:6379/"') WHERE id = $1`,
      [job.id],
    );
    const failed = await jobThatIs(user, job.id, 'failed');
    expect(failed.errorMessage).toMatch(/may not call|not allowed|not a public|the machine itself/);
    expect((await executionsOf(user, job.id)).length).toBe(1);
  });
});

describe('altogether', () => {
  it('no connection was meant for anything but a public address', () => {
    expect(outside.opened.length).toBeGreaterThan(20);
    expect([...new Set(outside.opened.map(({ address }) => address))]).toEqual([publicAddress]);
  });
});
