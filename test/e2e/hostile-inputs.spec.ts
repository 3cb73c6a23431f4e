import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { accountRows, keyScenes } from '../support/hostile/accounts.js';
import { authenticationScenes, credentialRows, tokenRows } from '../support/hostile/authentication.js';
import { authorisationScenes, propertyRows } from '../support/hostile/authorisation.js';
import { bodyRows } from '../support/hostile/body.js';
import { cursorScenes } from '../support/hostile/cursors.js';
import { furtherScenes } from '../support/hostile/further-transport.js';
import { furtherRows } from '../support/hostile/further.js';
import { mailRows } from '../support/hostile/mail.js';
import { judge } from '../support/hostile/oracle.js';
import { elsewhere, pending, pendingSections } from '../support/hostile/pending.js';
import { queryRows } from '../support/hostile/query.js';
import { queueRows, queueScenes } from '../support/hostile/queue.js';
import type { Answer } from '../support/hostile/exchange.js';
import { isScene } from '../support/hostile/row.js';
import type { HostileRow, HostileScene } from '../support/hostile/row.js';
import { scheduleRows, scheduleScenes } from '../support/hostile/schedules.js';
import { secretRows, secretScenes } from '../support/hostile/secrets.js';
import { targetRows } from '../support/hostile/targets.js';
import { transportScenes } from '../support/hostile/transport.js';
import { World } from '../support/hostile/world.js';

const sections: readonly [string, readonly (HostileRow | HostileScene)[]][] = [
  ['A. body, JSON, transport', [...bodyRows, ...transportScenes]],
  ['B. query, paging, ids', [...queryRows, ...cursorScenes]],
  ['C. authentication', [...tokenRows, ...credentialRows, ...accountRows, ...authenticationScenes, ...keyScenes]],
  ['D. authorisation', [...propertyRows, ...authorisationScenes]],
  ['E. targets at submission', targetRows],
  ['F. schedules', [...scheduleRows, ...scheduleScenes]],
  ['G. queue', [...queueRows, ...queueScenes]],
  ['H. e-mail', mailRows],
  ['further inputs, not in the file', [...furtherRows, ...furtherScenes]],
  ['K. secrets', [...secretRows, ...secretScenes]],
];

const file = readFileSync('test/cases/hostile_inputs.md', 'utf8');
const ids = [...file.matchAll(/^\| ([A-K]\d\d)†? \|/gm)].map(([, id = '']) => id);
/** Rows whose refusals an operator must hear of. */
const marked = [...file.matchAll(/^\| ([A-K]\d\d)† \|/gm)].map(([, id = '']) => id);
const refusing = [401, 403, 429];

const heardOf = new Set<string>();
const passed = new Map<string, number>();
const tried = new Map<string, number>();
const count = (of: Map<string, number>, id: string): void => void of.set(id, (of.get(id) ?? 0) + 1);

let world: World;
let memoryBefore: number;
beforeAll(async () => {
  world = await World.open();
  memoryBefore = world.memoryMiB();
});
afterAll(async () => {
  printTable();
  await world.close();
});

async function tryRow(row: HostileRow): Promise<void> {
  const before = await world.counts();
  const request = typeof row.request === 'function' ? await row.request(world) : row.request;
  const answer = await world.send(request);
  expect({ status: [row.status].flat(), text: answer.text }).toMatchObject({
    status: expect.arrayContaining([answer.status]),
  });
  judge(answer, world);
  if (row.code !== undefined || row.pointer !== undefined) {
    const { code, errors } = JSON.parse(answer.text) as { code: string; errors?: { pointer: string }[] };
    if (row.code !== undefined) expect(code).toBe(row.code);
    if (typeof row.pointer === 'string') expect(errors?.map(({ pointer }) => pointer)).toContain(row.pointer);
    else if (row.pointer) expect(errors?.[0]?.pointer).toMatch(row.pointer);
  }
  await row.also?.(answer, world);
  await hearOf(row.id, answer);
  if (answer.status >= 400) expect(await world.counts()).toEqual(before);
}

/** A refusal of a marked row is one event of the audit log, from the sender's address. */
async function hearOf(id: string, answer: Answer): Promise<void> {
  if (!marked.includes(id) || !refusing.includes(answer.status)) return;
  const action = expect.stringMatching(/^(auth|access)\.[a-z_]*refused$/);
  expect(await world.auditedOf(answer)).toEqual([{ action, outcome: 'refused', count: 1, address: '127.0.0.1' }]);
  heardOf.add(id);
}

async function tryScene(scene: HostileScene): Promise<void> {
  const before = await world.counts();
  for (const answer of await scene.act(world)) {
    judge(answer, world, scene.withinMs);
    await hearOf(scene.id, answer);
  }
  if (!scene.writes) expect(await world.counts()).toEqual(before);
}

describe.each(sections)('%s', (_, rows) => {
  it.each(rows.map((row) => [`${row.id} ${row.what}`, row] as const))('%s', async (_title, row) => {
    count(tried, row.id);
    await (isScene(row) ? tryScene(row) : tryRow(row));
    expect(world.sinkConnections).toBe(0);
    const alive = await world.send({ as: 'nobody', method: 'GET', path: '/health/live' });
    expect(alive.status).toBe(200);
    count(passed, row.id);
  });
});

describe('after all of it', () => {
  it('K05 no password, token or key stands in the log', () => {
    count(tried, 'K05');
    const { log } = world.product;
    expect(log).toContain('"Access"');
    for (const secret of world.secrets) expect(log.includes(secret)).toBe(false);
    expect(log).not.toMatch(/wrong password|Bearer ey|\$2b\$/);
    count(passed, 'K05');
  });

  it('no defect was logged, and no error that brought a stack', () => {
    const lines = world.product.log.split('\n').filter((line) => /"level":"(error|fatal)"/.test(line));
    expect(lines).toEqual([]);
  });

  it('the process has not grown by much', () => {
    expect(world.memoryMiB() - memoryBefore).toBeLessThan(200);
  });
});

describe('the file of hostile inputs', () => {
  it('has each of its rows tried, here or elsewhere, or pending with its reason', () => {
    expect(ids.length).toBeGreaterThan(130);
    const known = new Set([...tried.keys(), ...Object.keys(elsewhere), ...Object.keys(pending)]);
    expect(ids.filter((id) => !known.has(id) && !pendingSections[id.charAt(0)])).toEqual([]);
  });

  it('has no row pending that is tried, and none tried that it does not have', () => {
    expect([...tried.keys()].filter((id) => id in pending)).toEqual([]);
    const strangers = [...tried.keys(), ...Object.keys(pending), ...Object.keys(elsewhere)];
    expect(strangers.filter((id) => !id.startsWith('+') && !ids.includes(id))).toEqual([]);
  });

  it('has each of its marked rows heard of in the audit log', () => {
    expect(marked.length).toBeGreaterThan(5);
    expect(marked.filter((id) => !heardOf.has(id) && !(id in elsewhere))).toEqual([]);
  });

  it.each(Object.entries(elsewhere))('%s is tried in another suite', (_, [path, title]) => {
    expect(readFileSync(path, 'utf8')).toContain(title);
  });
});

/** What was tried, to standard output: the table that a release shows. */
function printTable(): void {
  const sum = (of: Map<string, number>, letter: string): number =>
    [...of].filter(([id]) => id.replace('+', '').startsWith(letter)).reduce((total, [, number]) => total + number, 0);
  const lines = ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'K'].map((letter) => {
    const waiting = Object.keys(pending).filter((id) => id.startsWith(letter)).length;
    return `  ${letter}  ${String(sum(tried, letter)).padStart(5)}  ${String(sum(passed, letter)).padStart(6)}  ${String(waiting).padStart(7)}`;
  });
  const reasons = [...Object.entries(pending), ...Object.entries(pendingSections)].map(
    ([id, why]) => `  ${id}: ${why}`,
  );
  process.stdout.write(
    ['Hostile inputs', '     tried  passed  pending', ...lines, 'Pending', ...reasons, ''].join('\n'),
  );
}
