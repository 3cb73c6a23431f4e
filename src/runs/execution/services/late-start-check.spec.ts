import { describe, expect, it } from '@jest/globals';
import { Abort } from '../../../kernel/abort.js';
import { startDeadlineMs } from '../../domain/start-deadline.js';
import type { HeldRun, IRunLeases } from '../interfaces/run-leases.js';
import { LateStartCheck } from './late-start-check.js';
import type { LeaseKeeper } from './lease-keeper.js';

const run = { runId: 'run', leaseToken: '1' };
const other = { runId: 'other', leaseToken: '4' };

/** @param answers PostgreSQL's answer to each question, with its duration in ms; an error is an outage */
function aWorkerAt(nowMs: number, ...answers: { tookMs?: number; says: boolean | undefined | Error }[]) {
  const abort = new Abort();
  const asked: string[][] = [];
  let monotonicMs = nowMs;
  const leases: Pick<IRunLeases, 'confirm'> = {
    confirm: async (held) => {
      asked.push(held.map(({ runId }) => runId));
      const { tookMs = 1, says } = answers.shift()!;
      monotonicMs += tookMs;
      if (says instanceof Error) throw says;
      return says === undefined ? [] : held.map(({ runId }) => ({ runId, cancelRequested: says }));
    },
  };
  const keeper: Pick<LeaseKeeper, 'applyRenewal'> = {
    applyRenewal: (_: HeldRun, cancelRequested) => {
      if (cancelRequested !== false) abort.abort(cancelRequested ? 'cancelled' : 'lost');
    },
  };
  const late = new LateStartCheck(
    leases as IRunLeases,
    { now: () => new Date(), monotonicMs: () => monotonicMs },
    keeper as LeaseKeeper,
  );
  return { late, asked, abort };
}

describe('an attempt', () => {
  it('that starts before its deadline starts without a question to PostgreSQL', async () => {
    const { late, asked, abort } = aWorkerAt(1_000);
    await late.confirm(run, 1_000, abort);
    expect(asked).toEqual([]);
    expect(abort.aborted).toBe(false);
  });

  it('that is late asks once, together with others that are late at the same moment, and starts', async () => {
    const { late, asked, abort } = aWorkerAt(1_001, { says: false });
    await Promise.all([late.confirm(run, 1_000, abort), late.confirm(other, 1_000, abort)]);
    expect(asked).toEqual([['run', 'other']]);
    expect(abort.aborted).toBe(false);
  });

  it.each<[string, true | undefined]>([
    ['cancelled', true],
    ['lost', undefined],
  ])('late and is %s does not begin', async (reason, says) => {
    const { late, abort } = aWorkerAt(1_001, { says });
    await late.confirm(run, 1_000, abort);
    expect(abort.reason).toBe(reason);
  });

  it('that is late asks again when the confirmation took longer than it is valid', async () => {
    const { late, asked, abort } = aWorkerAt(1_001, { tookMs: startDeadlineMs + 1, says: false }, { says: true });
    await late.confirm(run, 1_000, abort);
    expect(asked).toHaveLength(2);
    expect(abort.reason).toBe('cancelled');
  });

  it('that is late starts anyway when every confirmation of PostgreSQL is void', async () => {
    const slow = { tookMs: startDeadlineMs + 1, says: false };
    const { late, asked, abort } = aWorkerAt(1_001, slow, slow, slow);
    await late.confirm(run, 1_000, abort);
    expect(asked).toHaveLength(3);
    expect(abort.aborted).toBe(false);
  });

  it('that is late waits until PostgreSQL answers again', async () => {
    const { late, asked, abort } = aWorkerAt(1_001, { says: new Error('away') }, { says: true });
    await late.confirm(run, 1_000, abort);
    expect(asked).toHaveLength(2);
    expect(abort.reason).toBe('cancelled');
  });
});
