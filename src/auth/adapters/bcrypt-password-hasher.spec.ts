import { describe, expect, it } from '@jest/globals';
import { readConfig } from '../../config/config.js';
import type { Hashing } from '../interfaces/password-hasher.js';
import { BcryptPasswordHasher } from './bcrypt-password-hasher.js';

const config = (cost: number) => readConfig({ JWT_SECRET: 'k'.repeat(32), BCRYPT_COST: String(cost) });

/** Processor time of this process, in ms: what others have the machine do meanwhile does not count. */
async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

/** Each in a turn of its own. */
function hashingAt(cost: number): Hashing {
  const hasher = new BcryptPasswordHasher(config(cost));
  const asker = ['own', 'ada'] as const;
  return {
    hash: (password) => hasher.inTurn(asker, (hashing) => hashing.hash(password)),
    verify: (password, hash) => hasher.inTurn(asker, (hashing) => hashing.verify(password, hash)),
  };
}

const median = (numbers: number[]): number => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;

describe('BcryptPasswordHasher', () => {
  const hasher = hashingAt(4);

  it('knows the password again, and no other', async () => {
    const hash = await hasher.hash('correct horse');
    expect(hash).toMatch(/^\$2b\$04\$/);
    expect(await hasher.verify('correct horse', hash)).toBe(true);
    expect(await hasher.verify('correct house', hash)).toBe(false);
  });

  it('hashes the same password differently each time', async () => {
    expect(await hasher.hash('correct horse')).not.toBe(await hasher.hash('correct horse'));
  });

  it('takes as long without a hash as with one', async () => {
    const slow = hashingAt(8);
    const hash = await slow.hash('correct horse');
    const [known, unknown]: [number[], number[]] = [[], []];
    for (let round = 0; round < 9; round += 1) {
      known.push(await milliseconds(() => slow.verify('wrong', hash)));
      unknown.push(await milliseconds(() => slow.verify('wrong', undefined)));
    }
    expect(await slow.verify('wrong', undefined)).toBe(false);
    expect(median(unknown) / median(known)).toBeGreaterThan(0.5);
    expect(median(unknown) / median(known)).toBeLessThan(2);
  }, 60_000);
});
