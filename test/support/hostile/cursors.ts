import { expect } from '@jest/globals';
import { exchange } from './exchange.js';
import type { Answer } from './exchange.js';
import type { HostileScene } from './row.js';
import type { World } from './world.js';

/** Somebody who may read the one list that is walked by cursors: the audit log. */
async function anAdminOf(world: World): Promise<(query: string) => Promise<Answer>> {
  const person = { email: 'walker@example.com', password: `planted password of walker ${process.pid}`, name: 'Walker' };
  const answer = await exchange(world.url, { path: '/auth/register', json: person });
  const { user, access_token: token } = JSON.parse(answer.text) as { user: { id: string }; access_token: string };
  world.secrets.push(person.password, token);
  await world.query(`UPDATE users SET role = 'admin' WHERE id = $1`, [user.id]);
  return (query) => exchange(world.url, { method: 'GET', path: `/admin/audit?${query}` }, `Bearer ${token}`);
}

const forged = (text: string): string => Buffer.from(text).toString('base64url');

export const cursorScenes: HostileScene[] = [
  {
    ...{ id: 'B04', what: 'cursors forged, cut, decorated and of another query', writes: true },
    act: async (world) => {
      const read = await anAdminOf(world);
      const first = await read('limit=1');
      const cursor = (JSON.parse(first.text) as { meta: { nextCursor: string } }).meta.nextCursor;
      const [summary = '', at = '', id = ''] = Buffer.from(cursor, 'base64url').toString().split('|');
      const elsewhere = [`${cursor}&outcome=refused`, `${cursor}&userId=${world.a.id}`];
      const made = [
        ...['x', cursor.slice(0, -3), `${cursor}AA`, `%00`, 'eyJpZCI6MX0', '-1', "'; SELECT pg_sleep(5) --"],
        ...[forged(`${summary}|${at}`), forged(`${summary}|${at}|${id}|x`), forged(`${summary}|tomorrow|${id}`)],
        ...[forged(`${summary}|${at}|1 OR 1=1`), forged(`|${at}|${id}`), forged(`x|${at}|${id}`)],
      ].map(encodeURIComponent);
      const answers: Answer[] = [];
      for (const one of [...made, ...elsewhere]) answers.push(await read(`limit=1&cursor=${one}`));
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 400));
      expect((await read(`limit=1&cursor=${cursor}`)).status).toBe(200);
      return [first, ...answers];
    },
  },
];
