import type { NewRun } from '../../../src/runs/domain/run.js';
import { after, latest } from './database.js';
import type { InMemoryDatabase, RunRow } from './database.js';

/** A planned run as its row begins. */
export function newRow(run: NewRun, now: Date, { horizonMs, ringAgainAfterMs }: InMemoryDatabase['settings']): RunRow {
  const near = run.dueAt <= after(now, horizonMs);
  return {
    id: run.id,
    jobId: run.jobId,
    nominalAt: run.nominalAt,
    dueAt: run.dueAt,
    trigger: run.trigger,
    state: run.final?.state ?? 'scheduled',
    reason: run.final?.reason ?? null,
    reasonDetail: run.final?.detail ?? null,
    attempts: 0,
    leaseToken: '0',
    workerId: null,
    heldBy: null,
    jobVersion: run.jobVersion,
    payload: run.payload ?? null,
    count: run.count ?? 1,
    nominalUntil: run.nominalUntil ?? null,
    cancelRequestedAt: null,
    startedAt: null,
    endedAt: run.final ? now : null,
    createdAt: now,
    leaseUntil: null,
    attemptStartedAt: null,
    ringAt: near ? after(latest(run.dueAt, now), ringAgainAfterMs) : after(run.dueAt, -horizonMs),
    rings: near ? 1 : 0,
    gated: run.gated,
  };
}
