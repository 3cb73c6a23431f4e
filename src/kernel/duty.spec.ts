import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { Duty } from './duty.js';

let told: string[];

beforeEach(() => {
  told = [];
  const tell = (level: string) => (message: unknown) => void told.push(`${level}: ${String(message)}`);
  jest.spyOn(Logger.prototype, 'error').mockImplementation(tell('error'));
  jest.spyOn(Logger.prototype, 'log').mockImplementation(tell('log'));
});
afterEach(() => void jest.restoreAllMocks());

/** A duty in its first round, and a function that makes that round fail. */
async function aRoundUnderWay() {
  let rounds = 0;
  let fail: (error: Error) => void = () => undefined;
  let begun: () => void = () => undefined;
  const under = new Promise<void>((resolve) => (begun = resolve));
  const duty = new Duty('Test', 1, () => {
    rounds += 1;
    begun();
    return new Promise<void>((_, reject) => (fail = reject));
  });
  duty.start();
  await under;
  return { duty, fail: (error: Error) => fail(error), rounds: () => rounds };
}

it('waits on stop for the current round, and starts no other', async () => {
  const { duty, fail, rounds } = await aRoundUnderWay();
  let stopped = false;
  const stop = duty.stop().then(() => (stopped = true));
  await new Promise(setImmediate);
  expect(stopped).toBe(false);
  fail(new Error('its connection was closed'));
  await stop;
  duty.hurry();
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(rounds()).toBe(1);
});

it('logs a failed round as an error, but not a round that fails during a stop', async () => {
  const first = await aRoundUnderWay();
  first.fail(new Error('no database'));
  await new Promise(setImmediate);
  expect(told).toEqual(['error: Failed (1 in a row): Error: no database']);
  await first.duty.stop();

  const second = await aRoundUnderWay();
  const stop = second.duty.stop();
  second.fail(new Error('its connection was closed'));
  await stop;
  expect(told.slice(1)).toEqual(['log: The stop ended this round: Error: its connection was closed']);
});
