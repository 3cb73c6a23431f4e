import { beforeEach, describe, expect, it } from '@jest/globals';
import type { JobInput } from '../../src/jobs/domain/job-input.js';
import { HandCrankedEngine } from '../support/hand-cranked-engine.js';
import { SlowWork } from '../support/slow-work.js';

const second = 1_000;
const minute = 60 * second;

let engine: HandCrankedEngine;

beforeEach(async () => {
  engine = await HandCrankedEngine.start('2026-01-01T00:00:00Z');
});

const everyMinute = (given: Partial<JobInput>): Promise<string> =>
  engine.submit({ type: 'recurring', cron: '* * * * *', ...given });

/** State or reason of each row, oldest first; a row for several times as often. */
async function outcomes(id: string): Promise<string[]> {
  return (await engine.runs(id)).flatMap(({ state, reason, count }) =>
    Array.from({ length: count }, () => (state === 'succeeded' || state === 'scheduled' ? state : String(reason))),
  );
}
const countOf = async (id: string, outcome: string): Promise<number> =>
  (await outcomes(id)).filter((one) => one === outcome).length;

describe('maxRuns counts what ran, and so', () => {
  it('not what an outage let pass: as many follow as are left', async () => {
    const id = await everyMinute({ maxRuns: 6, catchup: { mode: 'none' } });
    await engine.advance(minute);
    engine.clock.advance(14 * minute + 30 * second);
    await engine.advance(4 * minute);
    expect(await engine.job(id)).toMatchObject({ status: 'pending', plannedCount: 6 });
    await engine.advance(10 * minute);
    expect(await countOf(id, 'succeeded')).toBe(6);
    expect(await countOf(id, 'catchup_none')).toBe(14);
    expect((await engine.job(id)).status).toBe('completed');
  });

  it.each(['skip', 'buffer_one', 'buffer_all', 'cancel_other', 'allow_all'] as const)(
    'not what overlap policy %s leaves out',
    async (overlapPolicy) => {
      const work = new SlowWork(engine, () => 150 * second);
      const id = await everyMinute({ maxRuns: 3, overlapPolicy });
      await work.pass(20 * minute);
      const ran = (await engine.runs(id)).filter(({ startedAt }) => startedAt !== null);
      expect(ran).toHaveLength(3);
      expect(await engine.job(id)).toMatchObject({ status: 'completed', plannedCount: 3 });
    },
  );

  it('not a run that was cancelled before it started, whether times are left to plan or not', async () => {
    const id = await everyMinute({ maxRuns: 2 });
    await engine.advance(10 * second);
    const [first] = await engine.runs(id);
    await engine.cancelRun(first!.id);
    await engine.advance(5 * minute);
    expect(await outcomes(id)).toEqual(['cancelled_by_user', 'succeeded', 'succeeded']);
    expect((await engine.job(id)).status).toBe('completed');
  });

  it('a run that was cancelled while it ran', async () => {
    const work = new SlowWork(engine, () => 30 * second);
    const id = await everyMinute({ maxRuns: 2 });
    await work.pass(70 * second);
    await engine.cancelRun((await engine.runs(id))[0]!.id);
    await work.pass(5 * minute);
    expect(await outcomes(id)).toEqual(['cancelled_by_user', 'succeeded']);
    expect((await engine.job(id)).status).toBe('completed');
  });

  it('not what a pause let pass', async () => {
    const id = await everyMinute({ maxRuns: 3, catchup: { mode: 'none' } });
    await engine.advance(minute);
    await engine.lifecycle.pause(id, engine.owner, null, null);
    await engine.advance(10 * minute);
    await engine.lifecycle.resume(id, engine.owner);
    await engine.advance(10 * minute);
    expect(await countOf(id, 'succeeded')).toBe(3);
    expect((await engine.job(id)).status).toBe('completed');
  });

  it('neither what was triggered by hand', async () => {
    const id = await everyMinute({ maxRuns: 2 });
    await engine.trigger(id);
    await engine.advance(5 * minute);
    expect(await countOf(id, 'succeeded')).toBe(3);
  });

  it.each([
    ['up', 3, 5],
    ['down', 5, 3],
    ['below what has run', 3, 1],
  ])('may be changed %s', async (_, before, after) => {
    const work = new SlowWork(engine, () => 10 * second);
    const id = await everyMinute({ maxRuns: before });
    await work.pass(130 * second);
    await engine.change(id, { maxRuns: after });
    await work.pass(10 * minute);
    expect(await outcomes(id)).toEqual(Array(Math.max(after, 2)).fill('succeeded'));
    expect((await engine.job(id)).status).toBe('completed');
  });
});
