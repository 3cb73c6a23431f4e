import { beforeEach, describe, expect, it } from '@jest/globals';
import { HandCrankedEngine } from '../support/hand-cranked-engine.js';
import { fails, hangs, succeeds } from '../support/scripted-executor.js';

const second = 1_000;

let engine: HandCrankedEngine;

beforeEach(async () => {
  engine = await HandCrankedEngine.start('2026-01-01T00:00:00Z', { RETRY_DELAY_MS: '1000', LEASE_MS: '10000' });
});

const states = async (jobId: string) => (await engine.runs(jobId)).map(({ state }) => state);
const attempts = async (jobId: string) => (await engine.attempts(jobId)).map(({ status }) => status);
const onlyRun = async (jobId: string) => (await engine.runs(jobId))[0]!;
const inMs = (ms: number): string => new Date(engine.clock.ms + ms).toISOString();

describe('a run', () => {
  it('starts when it is due, not a millisecond sooner, and completes its one-time job', async () => {
    const id = await engine.submit({ scheduledAt: inMs(3_600 * second) });
    await engine.advance(3_600 * second - 1);
    expect(await states(id)).toEqual(['scheduled']);
    await engine.advance(1);
    expect(await states(id)).toEqual(['succeeded']);
    expect((await engine.attempts(id))[0]?.startedAt).toEqual(engine.clock.now());
    expect((await engine.job(id)).status).toBe('completed');
  });

  it('is tried again with gaps that grow exponentially, and ends as failed with the last error', async () => {
    engine.executor.play(fails('first'), fails('second'), fails('third'), fails('last'));
    const id = await engine.submit({ maxRetries: 3 });
    await engine.advance(60 * second);
    const starts = (await engine.attempts(id)).map(({ startedAt }) => startedAt.getTime());
    const gaps = starts.slice(1).map((start, index) => start - starts[index]!);
    for (const [index, gap] of gaps.entries()) {
      expect(gap).toBeGreaterThanOrEqual(second * 2 ** index);
      expect(gap).toBeLessThanOrEqual(second * 2 ** index * 1.1);
    }
    expect(await onlyRun(id)).toMatchObject({
      ...{ state: 'failed', reason: 'attempts_exhausted', reasonDetail: 'last', attempts: 4 },
    });
    expect(await engine.job(id)).toMatchObject({ status: 'failed', lastRun: { errorMessage: 'last' } });
  });

  it('ends at once when trying again is not worth it', async () => {
    engine.executor.play(fails('no such host', false));
    const id = await engine.submit({});
    await engine.advance(60 * second);
    expect(await onlyRun(id)).toMatchObject({ state: 'failed', reason: 'not_retryable', attempts: 1 });
  });

  it('is cancelled while it waits for its next attempt, and never tried again', async () => {
    engine.executor.play(fails());
    const id = await engine.submit({});
    await engine.crank();
    await engine.lifecycle.cancel(id, engine.owner);
    await engine.advance(60 * second);
    expect(await onlyRun(id)).toMatchObject({ state: 'cancelled', reason: 'job_cancelled', attempts: 1 });
  });

  it('is cancelled while it runs: the handler is told, and the job says who asked', async () => {
    engine.executor.play(hangs);
    const id = await engine.submit({});
    await engine.advance(5 * second);
    expect((await engine.job(id)).status).toBe('running');
    await engine.cancelRun((await onlyRun(id)).id);
    await engine.advance(5 * second);
    expect(await onlyRun(id)).toMatchObject({ state: 'cancelled', reason: 'cancelled_by_user' });
    expect(await attempts(id)).toEqual(['cancelled']);
  });

  it.each([
    ['fails', fails()],
    ['succeeds', succeeds],
  ])('gets no further attempt when its handler %s before it has heard of the cancellation', async (_, ending) => {
    let answer: Promise<unknown> | undefined;
    engine.executor.play(async (run, tools) => {
      // It is answered when the attempt, which has only just begun, has ended.
      answer = engine.cancelRun(run.runId);
      while (!(await onlyRun(id)).cancelRequestedAt) await new Promise((resolve) => setImmediate(resolve));
      return ending(run, tools);
    }, succeeds);
    const id = await engine.submit({});
    await engine.advance(60 * second);
    await answer;
    expect(engine.executor.executed).toHaveLength(1);
    expect(await states(id)).toEqual([ending === succeeds ? 'succeeded' : 'cancelled']);
  });

  it('keeps its lease for as long as its worker lives', async () => {
    engine.executor.play(hangs);
    const id = await engine.submit({ onLost: 'park' });
    await engine.advance(300 * second);
    expect(await states(id)).toEqual(['running']);
    expect(await attempts(id)).toEqual(['running']);
  });
});

describe('a worker that is lost', () => {
  it('loses the attempt, not the run: it is recorded as lost and tried again elsewhere', async () => {
    engine.executor.play(hangs, succeeds);
    const id = await engine.submit({});
    await engine.crank();
    await engine.loseWorker();
    await engine.advance(10 * second);
    expect(await states(id)).toEqual(['running']);
    await engine.advance(5 * second);
    expect(await attempts(id)).toEqual(['lost', 'succeeded']);
    expect(await onlyRun(id)).toMatchObject({ state: 'succeeded', attempts: 2, leaseToken: '2' });
  });

  it('parks the run of a job that must not be repeated', async () => {
    engine.executor.play(hangs);
    const id = await engine.submit({ onLost: 'park' });
    await engine.crank();
    await engine.loseWorker();
    await engine.advance(60 * second);
    expect(await onlyRun(id)).toMatchObject({ state: 'failed', reason: 'lost_parked', attempts: 1 });
  });

  it('changes nothing when it comes back: its answer becomes a line of the log', async () => {
    let answer!: () => void;
    const late = new Promise<void>((resolve) => (answer = resolve));
    engine.executor.play(async () => {
      await late;
      return { kind: 'failed', error: 'too late', retryable: true };
    }, succeeds);
    const id = await engine.submit({});
    await engine.crank();
    await engine.loseWorker();
    await engine.advance(60 * second);
    const before = await onlyRun(id);
    answer();
    await engine.advance(60 * second);
    expect(await onlyRun(id)).toEqual(before);
    expect(await attempts(id)).toEqual(['lost', 'succeeded']);
    expect((await engine.logs(id)).filter((line) => line.includes('not counted'))).toHaveLength(1);
  });
});

describe('a worker that stops', () => {
  it('hands back what it holds, which burns no attempt', async () => {
    engine.executor.play(hangs, succeeds);
    const id = await engine.submit({ maxRetries: 0 });
    await engine.crank();
    await engine.replaceWorker();
    await engine.crank();
    expect(await attempts(id)).toEqual(['released', 'succeeded']);
    expect(await onlyRun(id)).toMatchObject({ state: 'succeeded', attempts: 1 });
  });
});

describe('a Redis that', () => {
  it('has forgotten everything makes nothing late', async () => {
    const id = await engine.submit({ scheduledAt: inMs(30 * second) });
    await engine.crank();
    engine.scheduler.flush();
    await engine.advance(30 * second);
    expect(await onlyRun(id)).toMatchObject({ state: 'succeeded', startedAt: engine.clock.now() });
  });

  it('is away while a job comes makes it late, and not lost', async () => {
    engine.scheduler.setReachable(false);
    const id = await engine.submit({});
    await engine.advance(2 * second);
    expect(await states(id)).toEqual(['scheduled']);
    engine.scheduler.setReachable(true);
    await engine.advance(10 * second);
    expect(await states(id)).toEqual(['succeeded']);
    expect(await attempts(id)).toHaveLength(1);
  });
});
