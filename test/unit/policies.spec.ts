import { beforeEach, describe, expect, it } from '@jest/globals';
import type { JobInput } from '../../src/jobs/domain/job-input.js';
import type { OverlapPolicy } from '../../src/jobs/domain/policies.js';
import { HandCrankedEngine } from '../support/hand-cranked-engine.js';
import { fails, hangs, succeeds } from '../support/scripted-executor.js';

const minute = 60_000;

let engine: HandCrankedEngine;

beforeEach(async () => {
  engine = await HandCrankedEngine.start('2026-01-01T00:00:30Z');
});

const everyMinute = (given: Partial<JobInput> = {}): Promise<string> =>
  engine.submit({ type: 'recurring', cron: '* * * * *', ...given });

/** State and reason of the runs whose time has come, oldest first. */
async function outcomes(jobId: string): Promise<string[]> {
  const due = (await engine.runs(jobId)).filter(({ nominalAt }) => nominalAt <= engine.clock.now());
  return due.map(({ state, reason }) => (reason ? `${state}: ${reason}` : state));
}

describe('a run that comes while another has not ended', () => {
  /** The first run hangs while two further times come. */
  async function overlapping(overlapPolicy: OverlapPolicy): Promise<string> {
    engine.executor.play(hangs, succeeds);
    const id = await everyMinute({ overlapPolicy });
    await engine.advance(3 * minute);
    return id;
  }

  it('is skipped, and says what held it', async () => {
    const id = await overlapping('skip');
    expect(await outcomes(id)).toEqual(['running', 'skipped: overlap', 'skipped: overlap']);
    const [holder, skipped] = await engine.runs(id);
    expect(skipped).toMatchObject({ heldBy: holder!.id, attempts: 0, endedAt: skipped!.nominalAt });
  });

  it('waits if it is the first to wait: buffer_one', async () => {
    const id = await overlapping('buffer_one');
    expect(await outcomes(id)).toEqual(['running', 'scheduled', 'skipped: overlap']);
    await engine.cancelRun((await engine.runs(id))[0]!.id);
    await engine.advance(10_000);
    expect(await outcomes(id)).toEqual(['cancelled: cancelled_by_user', 'succeeded: completed', 'skipped: overlap']);
  });

  it('waits in line, one after the other: buffer_all', async () => {
    const id = await overlapping('buffer_all');
    expect(await outcomes(id)).toEqual(['running', 'scheduled', 'scheduled']);
    await engine.cancelRun((await engine.runs(id))[0]!.id);
    await engine.advance(10_000);
    expect((await outcomes(id)).slice(1)).toEqual(['succeeded: completed', 'succeeded: completed']);
  });

  it('takes its place: cancel_other', async () => {
    const id = await overlapping('cancel_other');
    await engine.advance(20_000);
    expect(await outcomes(id)).toEqual([
      'cancelled: cancelled_by_overlap',
      'succeeded: completed',
      'succeeded: completed',
    ]);
  });

  it('runs beside it: allow_all', async () => {
    const id = await overlapping('allow_all');
    expect(await outcomes(id)).toEqual(['running', 'succeeded: completed', 'succeeded: completed']);
  });
});

describe('times that pass during a pause', () => {
  async function pausedFor(minutes: number, given: Partial<JobInput> = {}): Promise<string> {
    const id = await everyMinute(given);
    await engine.advance(minute);
    await engine.lifecycle.pause(id, engine.owner, null, null);
    await engine.advance(minutes * minute);
    await engine.lifecycle.resume(id, engine.owner);
    await engine.crank();
    return id;
  }

  it.each<[string, Partial<JobInput>, string[]]>([
    ['are skipped but for the latest', {}, ['skipped: paused', 'skipped: paused', 'succeeded: completed']],
    ['are all skipped', { catchup: { mode: 'none' } }, ['skipped: paused', 'skipped: paused', 'skipped: paused']],
    [
      'are made up, one after the other, up to the maximum',
      { catchup: { mode: 'all', max: 2 } },
      ['skipped: paused', 'succeeded: completed', 'succeeded: completed'],
    ],
  ])('%s', async (_, given, expected) => {
    const id = await pausedFor(3, given);
    expect(await outcomes(id)).toEqual(['succeeded: completed', ...expected]);
    await engine.advance(2 * minute);
    expect((await outcomes(id)).slice(-2)).toEqual(['succeeded: completed', 'succeeded: completed']);
  });

  it('leaves no minute without its row, and none with two', async () => {
    const id = await pausedFor(7);
    await engine.advance(5 * minute);
    const times = (await engine.runs(id)).map(({ nominalAt }) => nominalAt.getTime());
    const first = Date.parse('2026-01-01T00:01:00Z');
    expect(times).toEqual(times.map((_, index) => first + index * minute));
  });

  it('end with the pause, when it was given an end', async () => {
    const id = await everyMinute();
    await engine.advance(minute);
    await engine.lifecycle.pause(id, engine.owner, 'a while', new Date(engine.clock.ms + 2 * minute));
    await engine.advance(2 * minute - 1);
    expect((await engine.job(id)).status).toBe('paused');
    await engine.advance(minute + 1);
    expect((await engine.job(id)).status).toBe('pending');
    expect((await outcomes(id)).at(-1)).toBe('succeeded: completed');
  });
});

describe('a job', () => {
  it('that fails as often as it may is paused, and starts nothing more', async () => {
    engine.executor.play(fails('no', false));
    const id = await everyMinute({ pauseAfterFailures: 3 });
    await engine.advance(10 * minute);
    expect(await engine.job(id)).toMatchObject({ status: 'paused' });
    expect(engine.executor.executed).toHaveLength(3);
  });

  it('that has had its last run is completed', async () => {
    const id = await everyMinute({ maxRuns: 3 });
    await engine.advance(10 * minute);
    expect(await outcomes(id)).toEqual(Array(3).fill('succeeded: completed'));
    expect((await engine.job(id)).status).toBe('completed');
  });

  it('runs when somebody asks, also while it is paused, without touching its schedule', async () => {
    const id = await everyMinute();
    await engine.lifecycle.pause(id, engine.owner, null, null);
    const { nextRunAt } = await engine.job(id);
    const runId = await engine.trigger(id, { by: 'hand' });
    await engine.crank();
    const triggered = (await engine.runs(id)).find((run) => run.id === runId);
    expect(triggered).toMatchObject({ state: 'succeeded', trigger: 'manual', payload: { by: 'hand' } });
    expect(await engine.job(id)).toMatchObject({ status: 'paused', nextRunAt });
  });
});

describe('a one-time job that is triggered', () => {
  const states = async (id: string) =>
    (await engine.runs(id)).map(({ trigger, state }) => `${trigger}: ${state}`).sort();

  it.each<OverlapPolicy>(['skip', 'buffer_one', 'buffer_all', 'cancel_other'])(
    'while it runs, runs again when that has ended, one run after the other: %s',
    async (overlapPolicy) => {
      engine.executor.play(hangs, hangs, succeeds);
      const id = await engine.submit({ overlapPolicy, scheduledAt: new Date(engine.clock.ms + 1_000).toISOString() });
      await engine.advance(1_000);
      await engine.trigger(id);
      await engine.advance(1_000);
      await engine.trigger(id);
      await engine.advance(1_000);
      const [own, second] = await engine.runs(id);
      expect(await states(id)).toEqual(['manual: scheduled', 'manual: scheduled', 'schedule: running']);
      expect(second!.heldBy).toBe(own!.id);
      await engine.cancelRun(own!.id);
      await engine.advance(10_000);
      expect(await states(id)).toEqual(['manual: running', 'manual: scheduled', 'schedule: cancelled']);
      await engine.cancelRun(second!.id);
      await engine.advance(10_000);
      expect(await states(id)).toEqual(['manual: cancelled', 'manual: succeeded', 'schedule: cancelled']);
    },
  );

  it('between two attempts, waits for the last one', async () => {
    engine.executor.play(fails(), succeeds);
    const id = await engine.submit({ maxRetries: 1, retryDelayMs: 60_000 });
    await engine.advance(1_000);
    await engine.trigger(id);
    await engine.advance(1_000);
    expect(await states(id)).toEqual(['manual: scheduled', 'schedule: retrying']);
    await engine.advance(10 * minute);
    expect(await states(id)).toEqual(['manual: succeeded', 'schedule: succeeded']);
    const executed = engine.executor.executed.map(({ trigger }) => trigger);
    expect(executed).toEqual(['schedule', 'schedule', 'manual']);
  });

  it('before its time, runs at its time too: later if it must wait, and never skipped or missed', async () => {
    engine.executor.play(hangs, succeeds);
    const id = await engine.submit({ scheduledAt: new Date(engine.clock.ms + minute).toISOString() });
    await engine.trigger(id);
    await engine.advance(10 * minute);
    expect(await states(id)).toEqual(['manual: running', 'schedule: scheduled']);
    const [manual] = (await engine.runs(id)).filter(({ trigger }) => trigger === 'manual');
    await engine.cancelRun(manual!.id);
    await engine.advance(10_000);
    expect(await states(id)).toEqual(['manual: cancelled', 'schedule: succeeded']);
    expect((await engine.job(id)).status).toBe('completed');
  });

  it('runs beside itself where it may: allow_all', async () => {
    engine.executor.play(hangs, succeeds);
    const id = await engine.submit({ overlapPolicy: 'allow_all' });
    await engine.advance(1_000);
    await engine.trigger(id);
    await engine.advance(1_000);
    expect(await states(id)).toEqual(['manual: succeeded', 'schedule: running']);
  });
});

describe('a job that is cancelled', () => {
  it('keeps what came, and forgets what had been planned', async () => {
    const id = await engine.submit({ type: 'recurring', intervalMs: 2_000 });
    await engine.advance(5_000);
    expect((await engine.runs(id)).length).toBeGreaterThan(20);
    await engine.lifecycle.cancel(id, engine.owner);
    expect(await outcomes(id)).toEqual(Array(2).fill('succeeded: completed'));
    expect(await engine.runs(id)).toHaveLength(2);
    expect(await engine.job(id)).toMatchObject({
      status: 'cancelled',
      plannedCount: 2,
      activeUntil: engine.clock.now(),
    });
  });

  it('ends what waits for its turn, and names no time after the cancellation, though maxRuns allowed some', async () => {
    engine.executor.play(hangs, succeeds);
    const id = await engine.submit({ type: 'recurring', intervalMs: 2_000, maxRuns: 5, overlapPolicy: 'buffer_all' });
    await engine.advance(5_000);
    await engine.lifecycle.cancel(id, engine.owner);
    expect((await engine.runs(id)).map(({ reason }) => reason)).toEqual(Array(2).fill('job_cancelled'));
    expect((await engine.job(id)).activeUntil).toEqual(engine.clock.now());
  });
});

describe('a pause beside a run that goes on', () => {
  it('lets none of its times be skipped that catch-up makes up, however late they are', async () => {
    engine.executor.play(hangs, succeeds);
    const id = await everyMinute({ catchup: { mode: 'all' } });
    await engine.advance(minute);
    await engine.lifecycle.pause(id, engine.owner, null, null);
    await engine.advance(35_000);
    await engine.lifecycle.resume(id, engine.owner);
    await engine.crank();
    await engine.cancelRun((await engine.runs(id))[0]!.id);
    await engine.advance(20_000);
    expect((await outcomes(id)).slice(1)).toEqual(['succeeded: completed']);
  });
});

describe('a run that waits in line', () => {
  it('keeps its place when the job is paused and resumed', async () => {
    engine.executor.play(hangs, succeeds);
    const id = await everyMinute({ overlapPolicy: 'buffer_one' });
    await engine.advance(2 * minute);
    await engine.lifecycle.pause(id, engine.owner, null, null);
    await engine.advance(2 * minute);
    await engine.lifecycle.resume(id, engine.owner);
    await engine.cancelRun((await engine.runs(id))[0]!.id);
    await engine.advance(20_000);
    expect((await outcomes(id)).slice(1)).toEqual(['succeeded: completed', 'skipped: paused', 'succeeded: completed']);
  });

  it('keeps its place over an outage, whatever catch-up says', async () => {
    engine.executor.play(hangs, succeeds);
    const id = await everyMinute({ overlapPolicy: 'buffer_one', catchup: { mode: 'none' } });
    await engine.advance(2 * minute);
    await engine.loseWorker();
    engine.clock.advance(20 * minute);
    await engine.advance(2 * minute);
    expect((await outcomes(id))[1]).toBe('succeeded: completed');
  });
});

describe('an outage', () => {
  it('of three seconds lets two times of a one-second job pass, and a hiccup none', async () => {
    const id = await engine.submit({ type: 'recurring', intervalMs: 1_000 });
    await engine.advance(1_000);
    engine.clock.advance(1_300);
    await engine.advance(0);
    engine.clock.advance(3_000);
    await engine.advance(0);
    const late = ['missed: superseded', 'missed: superseded', 'succeeded: completed'];
    expect(await outcomes(id)).toEqual(['succeeded: completed', 'succeeded: completed', ...late]);
  });

  it('is made up whole by all, also the last time, which is late by less than an interval', async () => {
    const id = await engine.submit({ type: 'recurring', intervalMs: 1_000, catchup: { mode: 'all' } });
    await engine.advance(1_000);
    engine.clock.advance(3_500);
    await engine.advance(400);
    expect(await outcomes(id)).toEqual(Array(4).fill('succeeded: completed'));
  });

  it('of everything leaves no time unaccounted for, and runs the latest', async () => {
    const id = await everyMinute();
    await engine.advance(minute);
    engine.clock.advance(30 * minute);
    await engine.advance(5 * minute);
    const runs = await engine.runs(id);
    const due = runs.filter(({ nominalAt }) => nominalAt <= engine.clock.now());
    expect(due.reduce((sum, run) => sum + run.count, 0)).toBe(36);
    expect(due.filter(({ state }) => state === 'succeeded')).toHaveLength(7);
    expect(due.filter(({ state }) => state !== 'succeeded').map(({ state }) => state)).toEqual(
      due.filter(({ state }) => state !== 'succeeded').map(() => 'missed'),
    );
  });
});
