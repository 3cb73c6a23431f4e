import type { Catchup, OverlapPolicy } from '../../../jobs/domain/policies.js';
import { catchupWindowMs, missedDetail, passedAfterMs } from '../../domain/catch-up.js';
import type { RunReason, RunTrigger } from '../../domain/run.js';

/** A live run at the gates of its job: running, retrying, or scheduled and due. */
export interface GateRun {
  runId: string;
  state: 'scheduled' | 'running' | 'retrying';
  trigger: RunTrigger;
  nominalAt: Date;
  dueAt: Date;
  /** Whether its row was written after it was due: its time came during a pause, or while no ticker ran. */
  plannedLate: boolean;
  /** When its first attempt began; null: none has. */
  startedAt: Date | null;
  /** The run that holds it. A run that is held waits in line and cannot be missed. */
  heldBy: string | null;
  /**
   * Whether no later decision may skip it or miss it: catch-up `all` has promised to make it up, only a backfill held it, or a
   * worker has handed it back.
   */
  keepsPlace: boolean;
}

export interface GatePolicies {
  overlapPolicy: OverlapPolicy;
  catchup: Catchup;
  /** Interval between nominal times of the job, in ms, for the default catch-up window. */
  intervalMs: number;
  /** A scheduled run that is later than this, in ms, has passed; sooner if the job's interval is shorter. */
  catchupAfterMs: number;
  /** Number of passed times after all of the runs that have no run here; counted up to `catchup.max`. */
  laterTimes: number;
}

export type StartDecision =
  | { runId: string; kind: 'start'; keepsPlace: boolean }
  | { runId: string; kind: 'wait'; heldBy: string; keepsPlace: boolean }
  | { runId: string; kind: 'cancel' }
  | {
      runId: string;
      kind: 'end';
      state: 'skipped' | 'missed';
      reason: RunReason;
      detail: string;
      heldBy: string | null;
    };

/**
 * Decides about each due run of one job. The catch-up policy comes first, for runs that have passed. The overlap policy follows,
 * for runs whose job has a run that has not ended. Pure; the caller holds the job's lock until it has written the decisions.
 *
 * @param runs all live runs of the job: running, retrying, and those scheduled ones that are due
 */
export function decideStarts(policies: GatePolicies, runs: GateRun[], now: Date): StartDecision[] {
  const inOrder = [...runs].sort((a, b) => rank(a) - rank(b) || a.nominalAt.getTime() - b.nominalAt.getTime());
  const due = inOrder.filter(({ state, trigger }) => state === 'scheduled' && trigger === 'schedule');
  const newest = policies.laterTimes > 0 ? undefined : due.at(-1);
  const passed = due.filter(
    ({ heldBy, keepsPlace, dueAt, plannedLate }) =>
      heldBy === null &&
      !keepsPlace &&
      (now.getTime() - dueAt.getTime() > passedAfterMs(policies) || (plannedLate && policies.catchup.mode === 'all')),
  );
  const missed = missedOf(policies, newest, passed, now);
  const decisions: StartDecision[] = [...missed.values()];
  const promised = new Set(policies.catchup.mode === 'all' ? passed.filter(({ runId }) => !missed.has(runId)) : []);
  const candidates = inOrder
    .filter((run) => run.state !== 'running' && !missed.has(run.runId))
    .map((run) => (promised.has(run) ? { ...run, keepsPlace: true } : run));
  const running = inOrder.find(({ state }) => state === 'running');
  return decisions.concat(overlap(policies, running, candidates, now));
}

/** Runs of a backfill come after all others, so that a backfill never costs the job one of its own times. */
const rank = ({ trigger }: GateRun): number => (trigger === 'backfill' ? 1 : 0);

function missedOf(
  { catchup, intervalMs, laterTimes }: GatePolicies,
  newest: GateRun | undefined,
  passed: GateRun[],
  now: Date,
): Map<string, StartDecision> {
  const { mode, max } = catchup;
  const windowMs = catchupWindowMs(catchup, intervalMs);
  const beforeKept = passed.length - Math.max(max - laterTimes, 0);
  const missed = new Map<string, StartDecision>();
  for (const [index, run] of passed.entries()) {
    const lateMs = now.getTime() - run.nominalAt.getTime();
    const reason: RunReason | null =
      mode === 'none'
        ? 'catchup_none'
        : lateMs > windowMs || (mode === 'all' && index < beforeKept)
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

function overlap(
  { overlapPolicy, catchup }: GatePolicies,
  running: GateRun | undefined,
  candidates: GateRun[],
  now: Date,
): StartDecision[] {
  if (overlapPolicy === 'allow_all')
    return candidates.map(({ runId, keepsPlace }) => ({ runId, kind: 'start', keepsPlace }));
  const decisions: StartDecision[] = [];
  let holder = running ?? candidates.find(({ state }) => state === 'retrying');
  let buffered = 0;
  const newest = candidates.findLast(({ trigger, keepsPlace }) => trigger === 'schedule' && !keepsPlace);
  for (const run of candidates) {
    const { runId } = run;
    if (!holder || (holder === run && run.state === 'retrying')) {
      holder = run;
      decisions.push({ runId, kind: 'start', keepsPlace: run.keepsPlace });
      continue;
    }
    const keepsPlace = run.keepsPlace || isPromised(run, holder, catchup, now);
    if (keepsPlace || run.state === 'retrying' || run.trigger !== 'schedule') {
      decisions.push({ runId, kind: 'wait', heldBy: holder.runId, keepsPlace });
      continue;
    }
    const mayWait: boolean =
      overlapPolicy === 'buffer_all' ||
      (overlapPolicy === 'buffer_one' && buffered === 0) ||
      (overlapPolicy === 'cancel_other' && run === newest);
    if (!mayWait) {
      const detail = `Run ${holder.runId} of the same job had not ended; overlap policy is ${overlapPolicy}.`;
      decisions.push({ runId, kind: 'end', state: 'skipped', reason: 'overlap', detail, heldBy: holder.runId });
      continue;
    }
    // A holder that was promised to be made up is not cancelled: the promise is a whole run, not only a start.
    if (overlapPolicy === 'cancel_other' && holder.state !== 'scheduled' && !holder.keepsPlace)
      decisions.push({ runId: holder.runId, kind: 'cancel' });
    buffered += 1;
    decisions.push({ runId, kind: 'wait', heldBy: holder.runId, keepsPlace: false });
  }
  return decisions;
}

/**
 * Whether a held run must be made up. It must when only a backfill holds it. It must also when catch-up is `all` and the holder
 * is itself made up and had not started when the run became due: the same cause delayed both.
 */
const isPromised = (run: GateRun, holder: GateRun, catchup: Catchup, now: Date): boolean =>
  run.trigger === 'schedule' &&
  (holder.trigger === 'backfill' ||
    (catchup.mode === 'all' && holder.keepsPlace && run.heldBy === null && (holder.startedAt ?? now) >= run.dueAt));
