import type { Catchup, OverlapPolicy } from '../../../jobs/domain/policies.js';
import { catchupWindowMs, missedDetail, passedAfterMs } from '../../domain/catch-up.js';
import type { RunReason, RunTrigger } from '../../domain/run.js';

/** A live run of a job that may have several, as the gates see it: running, retrying, or scheduled and due. */
export interface GateRun {
  runId: string;
  state: 'scheduled' | 'running' | 'retrying';
  trigger: RunTrigger;
  nominalAt: Date;
  dueAt: Date;
  /** Its row was written when it had been due already: it came during a pause, or while no ticker ran. */
  plannedLate: boolean;
  /** When its first attempt began; null where none has. */
  startedAt: Date | null;
  /** The run it has been waiting for; it has not been passed by, it is in line. */
  heldBy: string | null;
  /**
   * A place that no later look takes away: catch-up `all` has promised to make it up, only a backfill held it up, or a worker
   * had it already and handed it back.
   */
  keepsPlace: boolean;
}

export interface GatePolicies {
  overlapPolicy: OverlapPolicy;
  catchup: Catchup;
  /** Time between the nominal times of the job, in ms, for the default catch-up window. */
  intervalMs: number;
  /** A scheduled run that starts this many ms after it was due has been passed by; sooner where the interval is shorter. */
  catchupAfterMs: number;
  /** Times that have come later than all of the runs and are not among them; counted up to `catchup.max`. */
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
 * Decides what becomes of each due run of one job: first the catch-up policy for those that were passed by,
 * then the overlap policy against what is running. Pure; the caller holds the job's lock while it acts on the answer.
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

/** A backfill never costs the job one of its own times: its runs come after all others. */
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
    // What keeps its place is not told to stop either: its promise is a run, not a start.
    if (overlapPolicy === 'cancel_other' && holder.state !== 'scheduled' && !holder.keepsPlace)
      decisions.push({ runId: holder.runId, kind: 'cancel' });
    buffered += 1;
    decisions.push({ runId, kind: 'wait', heldBy: holder.runId, keepsPlace: false });
  }
  return decisions;
}

/**
 * Only a backfill is in its way; or catch-up makes up all, and what is in its way is being made up and had not started when
 * its time came: what held the one up has held up the other.
 */
const isPromised = (run: GateRun, holder: GateRun, catchup: Catchup, now: Date): boolean =>
  run.trigger === 'schedule' &&
  (holder.trigger === 'backfill' ||
    (catchup.mode === 'all' && holder.keepsPlace && run.heldBy === null && (holder.startedAt ?? now) >= run.dueAt));
