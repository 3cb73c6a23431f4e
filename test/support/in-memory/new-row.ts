import type { NewRun } from '../../../src/runs/domain/run.js';
import type { InsertClaim } from '../../../src/runs/interfaces/run-repository.js';
import { after, latest } from './database.js';
import type { InMemoryDatabase, RunRow } from './database.js';

/** A planned run as its row begins. */
export function newRow(
  run: NewRun,
  now: Date,
  { horizonMs, ringAgainAfterMs }: InMemoryDatabase['settings'],
  birthright?: InsertClaim,
): RunRow {
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
    ranVersion: null,
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
    keepsPlace: false,
    ...(birthright && claimedAtInsert(run, now, birthright)),
  };
}

/** What is otherwise of a run that is born claimed. */
function claimedAtInsert(run: NewRun, now: Date, { claimant, runIds }: InsertClaim): Partial<RunRow> | null {
  const { workerId, leaseMs, aheadMs } = claimant;
  if (!runIds.has(run.id) || run.gated || run.final || run.dueAt > after(now, aheadMs)) return null;
  const start = latest(now, run.dueAt);
  const claim = {
    state: 'running',
    attempts: 1,
    leaseToken: '1',
    workerId,
    leaseUntil: after(start, leaseMs),
  } as const;
  return { ...claim, attemptStartedAt: start, startedAt: start, ranVersion: run.jobVersion };
}
