import type { Catchup, OverlapPolicy } from '../../jobs/domain/policies.js';
import type { RunReason, RunTrigger } from './run.js';

/** A live run of a recurring job, as the gates see it: running, retrying, or scheduled and due. */
export interface GateRun {
  runId: string;
  state: 'scheduled' | 'running' | 'retrying';
  trigger: RunTrigger;
  nominalAt: Date;
  dueAt: Date;
  /** The run it has been waiting for; it has not been passed by, it is in line. */
  heldBy: string | null;
}

export interface GatePolicies {
  overlapPolicy: OverlapPolicy;
  catchup: Catchup;
  /** Time between the nominal times of the job, in ms, for the default catch-up window. */
  intervalMs: number;
  /** A scheduled run that starts this many ms after it was due has been passed by; sooner where the next time comes sooner. */
  catchupAfterMs: number;
}

export type StartDecision =
  | { runId: string; kind: 'start' }
  | { runId: string; kind: 'wait'; heldBy: string }
  | { runId: string; kind: 'cancel' }
  | {
      runId: string;
      kind: 'end';
      state: 'skipped' | 'missed';
      reason: RunReason;
      detail: string;
      heldBy: string | null;
    };

const oneHourMs = 3_600_000;
const oneSecondMs = 1_000;

/** Lateness from which a time has been passed by, in ms: at the latest when the next one comes. */
const passedAfterMs = ({ intervalMs, catchupAfterMs }: GatePolicies): number =>
  intervalMs > 0 ? Math.min(Math.max(intervalMs, oneSecondMs), catchupAfterMs) : catchupAfterMs;

/** How long after its nominal time a passed run may still start, in ms. */
export const catchupWindowMs = (catchup: Catchup, intervalMs: number): number =>
  catchup.windowMs ?? Math.max(intervalMs, oneHourMs);

/**
 * Decides what becomes of each due run of one recurring job: first the catch-up policy for those that were passed by,
 * then the overlap policy against what is running. Pure; the caller holds the job's lock while it acts on the answer.
 *
 * @param runs all live runs of the job: running, retrying, and those scheduled ones that are due
 */
export function decideStarts(policies: GatePolicies, runs: GateRun[], now: Date): StartDecision[] {
  const inOrder = [...runs].sort((a, b) => rank(a) - rank(b) || a.nominalAt.getTime() - b.nominalAt.getTime());
  const due = inOrder.filter((run) => run.state === 'scheduled');
  const passed = due.filter(
    (run) => run.trigger === 'schedule' && !run.heldBy && now.getTime() - run.dueAt.getTime() > passedAfterMs(policies),
  );
  const missed = missedOf(policies, due, passed, now);
  const decisions: StartDecision[] = [...missed.values()];
  const candidates = inOrder.filter((run) => run.state !== 'running' && !missed.has(run.runId));
  return decisions.concat(overlap(policies, inOrder, candidates, new Set(passed.map(({ runId }) => runId))));
}

/** A backfill never costs the job one of its own times: its runs come after all others. */
const rank = ({ trigger }: GateRun): number => (trigger === 'backfill' ? 1 : 0);

function missedOf(policies: GatePolicies, due: GateRun[], passed: GateRun[], now: Date): Map<string, StartDecision> {
  const { mode, max } = policies.catchup;
  const windowMs = catchupWindowMs(policies.catchup, policies.intervalMs);
  const newest = due.filter((run) => run.trigger === 'schedule').at(-1);
  const kept = new Set(passed.slice(-max).map(({ runId }) => runId));
  const missed = new Map<string, StartDecision>();
  for (const run of passed) {
    const lateMs = now.getTime() - run.nominalAt.getTime();
    const reason: RunReason | null =
      mode === 'none'
        ? 'catchup_none'
        : lateMs > windowMs || (mode === 'all' && !kept.has(run.runId))
          ? 'outside_window'
          : mode === 'latest' && run !== newest
            ? 'superseded'
            : null;
    if (reason === null) continue;
    const detail = missedDetail(reason, lateMs, windowMs);
    missed.set(run.runId, { runId: run.runId, kind: 'end', state: 'missed', reason, detail, heldBy: null });
  }
  return missed;
}

/** Why a passed nominal time is not made up, in a sentence. */
export function missedDetail(reason: RunReason, lateMs: number, windowMs: number): string {
  const late = `Nothing could start it for ${Math.round(lateMs / 1000)} s`;
  if (reason === 'catchup_none') return `${late}; catch-up mode is none.`;
  if (reason === 'superseded') return `${late}, and a later time was due by then; catch-up mode is latest.`;
  return `${late}; that is outside what catch-up makes up (window ${Math.round(windowMs / 1000)} s, or its maximum count).`;
}

function overlap(
  { overlapPolicy, catchup }: GatePolicies,
  all: GateRun[],
  candidates: GateRun[],
  passed: Set<string>,
): StartDecision[] {
  if (overlapPolicy === 'allow_all') return candidates.map(({ runId }) => ({ runId, kind: 'start' }));
  const decisions: StartDecision[] = [];
  let holder = all.find((run) => run.state === 'running') ?? all.find((run) => run.state === 'retrying');
  let buffered = 0;
  const newest = candidates.findLast(({ trigger }) => trigger === 'schedule');
  for (const run of candidates) {
    const { runId } = run;
    if (!holder || (holder === run && run.state === 'retrying')) {
      holder = run;
      decisions.push({ runId, kind: 'start' });
      continue;
    }
    if (run.state === 'retrying') {
      decisions.push({ runId, kind: 'wait', heldBy: holder.runId });
      continue;
    }
    // Somebody asked for these by name, or catch-up promised to make them up, or only a backfill is in the way.
    const waitsItsTurn: boolean =
      run.trigger !== 'schedule' || (catchup.mode === 'all' && passed.has(runId)) || holder.trigger === 'backfill';
    const mayWait: boolean =
      waitsItsTurn ||
      overlapPolicy === 'buffer_all' ||
      (overlapPolicy === 'buffer_one' && buffered === 0) ||
      (overlapPolicy === 'cancel_other' && run === newest);
    if (!mayWait) {
      const detail = `Run ${holder.runId} of the same job had not ended; overlap policy is ${overlapPolicy}.`;
      decisions.push({ runId, kind: 'end', state: 'skipped', reason: 'overlap', detail, heldBy: holder.runId });
      continue;
    }
    if (overlapPolicy === 'cancel_other' && !waitsItsTurn) decisions.push({ runId: holder.runId, kind: 'cancel' });
    if (!waitsItsTurn) buffered += 1;
    decisions.push({ runId, kind: 'wait', heldBy: holder.runId });
  }
  return decisions;
}
