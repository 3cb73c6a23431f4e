import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject } from '../../src/kernel/json.js';
import { asStored } from '../../src/kernel/stored-json.js';
import { startPostgresGround } from '../support/postgres-ground.js';

let postgres: Awaited<ReturnType<typeof startPostgresGround>>;
beforeAll(async () => (postgres = await startPostgresGround()));
afterAll(() => postgres.stop());

const storable = (text: string): boolean => !text.includes('\0');
const key = fc.oneof(
  fc.constantFrom('', 'a', 'b', 'aa', 'B', '1', '10', '2', 'é', 'zz', '🐢', '€a', '__proto__', 'toJSON'),
  fc.string({ unit: 'binary', maxLength: 4 }).filter(storable),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    fc.oneof(fc.string({ unit: 'binary' }).filter(storable), fc.double({ noNaN: true, noDefaultInfinity: true })),
    fc.constantFrom(null, true, -0, 1e21, 5e-324, 0.1),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(key, tie('tree'), { maxKeys: 5 }),
  ),
}));

it('copies JSON as PostgreSQL gives it back, member by member in the same order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.dictionary(key, tree, { maxKeys: 6 }), async (given) => {
      const payload = JSON.parse(JSON.stringify(given)) as JsonObject;
      const [{ stored }] = await postgres.database.query('SELECT $1::json AS stored', [JSON.stringify(payload)]);
      const copy = asStored(payload);
      expect(JSON.stringify(copy)).toBe(JSON.stringify(stored));
      expect(copy).toEqual(stored);
      expect(copy).not.toBe(payload);
    }),
    { numRuns: 300 },
  );
}, 60_000);
