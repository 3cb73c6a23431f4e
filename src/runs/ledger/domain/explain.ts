import type { Job } from '../../../jobs/domain/job.js';
import { isFinished } from '../../../jobs/domain/job-status.js';
import { describeTime } from '../../../schedules/domain/index.js';
import type { ResolvedSchedule } from '../../../schedules/domain/index.js';
import { explanationOf, inWords } from './explanation.js';
import type { Explanation, GateName, Standing } from './explanation.js';
import type { Run } from '../../domain/run.js';
import { isFinal } from '../../domain/run-state.js';
import { catchupWindowMs, passedAfterMs } from '../../domain/catch-up.js';
import { shownWorker } from '../../domain/shown-worker.js';

export type ExplainedJob = Pick<
  Job,
  | 'id'
  | 'status'
  | 'overlapPolicy'
  | 'scheduledAt'
  | 'catchup'
  | 'pausedAt'
  | 'pausedUntil'
  | 'pauseNote'
  | 'pauseReason'
  | 'maxRetries'
>;

export interface ExplainInput {
  job: ExplainedJob;
  run: Run;
  /** The schedule that named the time; null for a one-time job or a run that no schedule asked for. */
  schedule: ResolvedSchedule | null;
  /** Time from the nominal time to the following one, in ms. */
  intervalMs: number;
  /** The run that holds this one, or held it when it was skipped. */
  holder: Pick<Run, 'id' | 'state' | 'nominalAt'> | null;
  /** A run that starts this many ms after it was due has been passed by. */
  catchupAfterMs: number;
  now: Date;
}

/** Why a run ran, waits, or did not run: pure, from what the rows say. */
export function explainRun(input: ExplainInput): Explanation {
  return explanationOf(standingOf(input), gateDetails(input));
}

function standingOf(input: ExplainInput): Standing {
  const { run } = input;
  if (isFinal(run.state)) return run.startedAt ? endOfStarted(run) : endOfUnstarted(run);
  if (run.state === 'running') {
    const asked = run.cancelRequestedAt ? '; it has been asked to stop' : '';
    const worker = run.workerId && shownWorker(run.workerId);
    const summary = `It is running: attempt ${run.attempts} on ${worker}${asked}.`;
    return { stoppedAt: null, before: 'passed', detail: '', summary, wouldStart: null };
  }
  return waiting(input);
}

function endOfStarted({ state, attempts, reason, reasonDetail }: Run): Standing {
  const why = reasonDetail ? `: ${reasonDetail}` : '';
  if (state === 'succeeded') {
    const summary = `It ran and succeeded in attempt ${attempts}.`;
    return { stoppedAt: null, before: 'passed', detail: '', summary, wouldStart: null };
  }
  const summary = `It ran and ended ${state} after ${plural(attempts, 'attempt')} (${reason})${why}.`;
  return { stoppedAt: 'attempts', before: 'passed', detail: summary, summary, wouldStart: null };
}

/** Gates that end runs, by the reason that they give. */
const endingGates: Partial<Record<NonNullable<Run['reason']>, GateName>> = {
  calendar: 'calendar',
  outside_window: 'catch_up',
  superseded: 'catch_up',
  catchup_none: 'catch_up',
  overlap: 'overlap',
};

const unstartedDetails: Partial<Record<NonNullable<Run['reason']>, string>> = {
  job_cancelled: 'The job was cancelled before it could start.',
  cancelled_by_user: 'Somebody cancelled it before it could start.',
  backfill_cancelled: 'Its backfill was cancelled before it could start.',
  rescheduled: 'The job was moved to another time before it could start.',
};

function endOfUnstarted({ state, reason, reasonDetail, count }: Run): Standing {
  const detail = reasonDetail ?? (reason && unstartedDetails[reason]) ?? `It ended ${state} (${reason}).`;
  const many = count > 1 ? ` One row stands for ${count} times in a row.` : '';
  return {
    stoppedAt: (reason && endingGates[reason]) ?? 'job',
    before: 'passed',
    detail,
    summary: `It did not run: ${state} (${reason}). ${asSentence(detail)}${many}`,
    wouldStart: null,
  };
}

function waiting(input: ExplainInput): Standing {
  const { job, run, holder, now } = input;
  const started = run.startedAt !== null;
  const held = (stoppedAt: GateName, detail: string, wouldStart: string): Standing => ({
    stoppedAt,
    before: started ? 'passed' : 'open',
    detail,
    summary: `It waits: ${detail}`,
    wouldStart,
  });
  const letsByHand = run.trigger === 'manual' && !(job.status === 'paused' && job.pauseReason === 'account_disabled');
  const isStopped =
    job.status === 'paused' ? !(run.trigger === 'schedule' && endsBefore(job, run.dueAt)) : job.status !== 'pending';
  if (!letsByHand && isStopped) return held('job', jobDetail(input), resumption(job));
  const waitMs = run.dueAt.getTime() - now.getTime();
  const at = run.dueAt.toISOString();
  if (waitMs > 0 && run.state === 'retrying') {
    const failed = run.reasonDetail ? `: ${run.reasonDetail}` : '';
    const detail = `attempt ${run.attempts} of ${job.maxRetries + 1} failed${failed}; the next is due at ${at}.`;
    return held('attempts', detail, `Its backoff ends at ${at}, in ${inWords(waitMs)}.`);
  }
  if (waitMs > 0) return held('due', `it is not due before ${at}.`, `It is due at ${at}, in ${inWords(waitMs)}.`);
  if (holder && !isFinal(holder.state)) {
    const detail = `run ${holder.id} of the same job is ${holder.state}; ${whyItMayWait(run, job)}.`;
    return held('overlap', detail, `Run ${holder.id} ends.`);
  }
  const detail = `it has been due for ${inWords(-waitMs)} and no worker has taken it yet.`;
  return held(
    'worker',
    detail,
    'A worker with a free place for its owner claims it: one owner gets only a share of the places of each. If none does, see whether workers are running.',
  );
}

/** Waiting is no contradiction to a policy that lets no time wait: it speaks of the times that a schedule names. */
function whyItMayWait({ trigger }: Run, { overlapPolicy, scheduledAt }: ExplainedJob): string {
  const policy = `overlap policy is ${overlapPolicy}`;
  const whatever = `waits for its turn under every policy but allow_all; ${policy}`;
  if (trigger === 'manual') return `a run that somebody asked for ${whatever}`;
  if (trigger === 'backfill') return `a run of a backfill ${whatever}`;
  if (scheduledAt) return `the run of a one-time job ${whatever}`;
  return overlapPolicy === 'skip' ? `it keeps the place that it has been given, though ${policy}` : policy;
}

/** Whether the job's pause, if it is paused, ends by itself before a time comes. */
export const endsBefore = ({ pausedUntil, pauseReason }: ExplainedJob, time: Date): boolean =>
  pausedUntil !== null && pauseReason !== 'account_disabled' && pausedUntil <= time;

export function resumption({ status, pausedUntil, pauseReason }: ExplainedJob): string {
  if (isFinished(status)) return 'Nothing: the job is finished.';
  if (pauseReason === 'account_disabled') return 'The account of its owner is enabled.';
  return pausedUntil ? `The job resumes by itself at ${pausedUntil.toISOString()}.` : 'Somebody resumes the job.';
}

/** What the job's own state means for a run that waits. */
export function jobDetail({ job }: Pick<ExplainInput, 'job'>): string {
  if (job.status !== 'paused') return `the job is ${job.status}.`;
  const since = job.pausedAt ? ` since ${job.pausedAt.toISOString()}` : '';
  const until = job.pausedUntil ? `, until ${job.pausedUntil.toISOString()}` : '';
  return `the job is paused${since}${until}${job.pauseNote ? ` (${job.pauseNote})` : ''}.`;
}

function gateDetails(input: ExplainInput): Record<GateName, string> {
  const { job, run } = input;
  const started = run.startedAt ? ` Its first attempt began at ${run.startedAt.toISOString()}.` : '';
  return {
    ...timeDetails(run.trigger === 'manual' ? { ...input, schedule: null } : input),
    job: openJobDetail(input),
    due: `Nominal ${run.nominalAt.toISOString()}, due ${run.dueAt.toISOString()}.`,
    catch_up: catchUpDetail(input),
    overlap: `No other run of the job stands in its way; overlap policy is ${job.overlapPolicy}.`,
    worker: run.workerId ? `${shownWorker(run.workerId)} holds or held it.${started}` : 'A worker may claim it.',
    attempts: `Attempt ${run.attempts} of ${job.maxRetries + 1}.`,
  };
}

function openJobDetail({ job, run }: ExplainInput): string {
  if (run.trigger === 'manual') return 'Somebody asked for it: it runs also while the job is paused.';
  if (job.status !== 'paused' || !job.pausedUntil) return 'The job is active.';
  return `The job is paused; that ends before, at ${job.pausedUntil.toISOString()}.`;
}

/** What calendar and clock changes mean for a nominal time. */
export function timeDetails({
  schedule,
  run,
  job,
}: {
  schedule: ResolvedSchedule | null;
  run: Pick<Run, 'nominalAt'>;
  job: Pick<Job, 'id'>;
}): Record<'calendar' | 'clock_change', string> {
  if (!schedule) return { calendar: 'No calendar applies.', clock_change: 'No clock change applies.' };
  const { namedBy, suppressed, localTime, reason } = describeTime(schedule, run.nominalAt, job.id);
  const moved = namedBy.some(({ effect }) => effect !== null);
  return {
    calendar: suppressed?.reason ?? `${localTime} is no blackout day.`,
    clock_change: moved ? asSentence(reason) : `No clock change bears on ${localTime}.`,
  };
}

function catchUpDetail({ job, run, schedule, intervalMs, catchupAfterMs, now }: ExplainInput): string {
  if (!schedule || run.trigger !== 'schedule') return 'No catch-up policy applies: it waits as long as it takes.';
  const lateMs = (run.startedAt ?? run.endedAt ?? now).getTime() - run.dueAt.getTime();
  const afterMs = passedAfterMs({ intervalMs, catchupAfterMs });
  if (run.attempts > 1 || lateMs <= afterMs)
    return `It has not been passed by: that is ${inWords(afterMs)} after it was due.`;
  const window = inWords(catchupWindowMs(job.catchup, intervalMs));
  return `Passed by for ${inWords(lateMs)}; catch-up mode is ${job.catchup.mode}, its window ${window}.`;
}

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
const asSentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;
