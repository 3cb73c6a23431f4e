import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { readConfig } from '../../config/config.js';
import { Prunables, ageOf } from '../../kernel/retention.js';
import type { PruneStep } from '../../kernel/retention.js';
import { FixedClock } from '../../../test/support/fixed-clock.js';
import { Pruner } from './pruner.js';

const config = readConfig({ JWT_SECRET: 'Zr4u7w!z%C*F-JaNdRgUkXp2s5v8y/B?', RETENTION_BATCH_SIZE: '10' });
const logged = jest.spyOn(Logger.prototype, 'log').mockReturnValue();

let prunables: Prunables;
let clock: FixedClock;
let counted: [what: string, rows: number, ms: number][];
let pruner: Pruner;

beforeEach(() => {
  logged.mockClear();
  prunables = new Prunables();
  clock = new FixedClock();
  counted = [];
  const metrics = { pruned: (...step: [string, number, number]) => void counted.push(step) };
  pruner = new Pruner(prunables, metrics, clock, config);
});

/** Answers steps in turn, each after so many ms. @returns what it was asked */
function aPrunable(name: string, steps: PruneStep[], tookMs = 5) {
  const asked: [after: string | null, limit: number][] = [];
  prunables.register({
    name,
    prune: async (after, limit) => {
      asked.push([after, limit]);
      clock.advance(tookMs);
      return steps[asked.length - 1] ?? { deleted: 0, next: null };
    },
  });
  return asked;
}
const messages = (): string[] => logged.mock.calls.map(([message]) => String(message));

describe('a pass of the pruner', () => {
  it('takes each step where the one before ended, and counts them', async () => {
    const asked = aPrunable('idempotency_keys', [
      { deleted: 3, next: 'a' },
      { deleted: 0, next: 'b' },
      { deleted: 2, next: null },
    ]);
    await pruner.prune();
    expect(asked).toEqual([
      [null, 10],
      ['a', 10],
      ['b', 10],
    ]);
    expect(counted).toEqual([3, 0, 2].map((rows) => ['idempotency_keys', rows, 5]));
    expect(messages()).toEqual([expect.stringContaining('Pruned 5 idempotency keys in')]);
  });

  it('begins anew with each pass, and says nothing when nothing was old', async () => {
    const asked = aPrunable('runs', [{ deleted: 0, next: 'a' }]);
    await pruner.prune();
    await pruner.prune();
    expect(asked.map(([after]) => after)).toEqual([null, 'a', null]);
    expect(messages()).toEqual([]);
  });

  it('goes on with the others when one fails, and fails when all have had their turn', async () => {
    prunables.register({ name: 'jobs', prune: () => Promise.reject(new Error('no database')) });
    const asked = aPrunable('runs', [{ deleted: 1, next: null }]);
    await expect(pruner.prune()).rejects.toThrow('no database');
    expect(asked).toHaveLength(1);
  });

  it('says how far it is once in half a minute', async () => {
    let left = 4;
    prunables.register({
      name: 'runs',
      prune: async () => {
        left -= 1;
        // The clock turns in the pause after the step.
        setTimeout(() => clock.advance(20_000), 0);
        return { deleted: 1, next: left > 0 ? 'more' : null };
      },
    });
    await pruner.prune();
    expect(messages()).toEqual(['Pruning runs: 3 are gone, more may be', 'Pruned 4 runs in 60.0 s']);
  });

  it('is broken off after the step under way, also out of a pause', async () => {
    const asked = aPrunable('runs', [{ deleted: 1, next: 'a' }], 3_600_000);
    const later = aPrunable('sessions', []);
    const pass = pruner.prune();
    while (asked.length === 0) await Promise.resolve();
    pruner.stop();
    await pass;
    expect([asked.length, later.length]).toEqual([1, 0]);
  });
});

describe('an age', () => {
  it('of 0 days is for ever', () => {
    expect([ageOf(0), ageOf(1), ageOf(90)]).toEqual([null, 86_400_000, 7_776_000_000]);
  });
});
