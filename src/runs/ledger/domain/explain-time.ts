import { isFinished } from '../../../jobs/domain/job-status.js';
import { MOST_COUNTED, describeTime, nextTime, runsLeftAt, suppressedBy } from '../../../schedules/domain/index.js';
import type { RunsLeft } from '../../../schedules/domain/index.js';
import { endsBefore, jobDetail, resumption, timeDetails } from './explain.js';
import type { ExplainedJob } from './explain.js';
import { explanationOf, inWords } from './explanation.js';
import type { Explanation, GateName, Standing } from './explanation.js';
import type { JobPlan, LedgerVersion } from './ledger.js';
import { resumesAt, runsAhead } from '../../domain/runs-ahead.js';

export interface ExplainTimeInput {
  job: ExplainedJob;
  plan: JobPlan;
  /** Oldest first; empty for a one-time job. */
  versions: LedgerVersion[];
  nominalAt: Date;
  /** The last nominal time up to which rows may have been pruned; null when all are kept. */
  prunedUntil: Date | null;
  /** Runs are created between so many ms before their time: at most, and at least. */
  createdAheadMs: { most: number; least: number };
}

export interface TimeExplanation extends Explanation {
  /** Whether the schedule in force then names the time. */
  named: boolean;
  /** The version that was in force; null before the job existed and for a one-time job. */
  version: number | null;
}

/** Why there is no run for a time. Pure. */
export function explainTime(input: ExplainTimeInput): TimeExplanation {
  const { versions, nominalAt, job, plan, prunedUntil } = input;
  const version = versionAt(versions, nominalAt);
  const schedule = version?.schedule ?? null;
  const named = schedule !== null && describeTime(schedule, nominalAt, job.id).namedBy.length > 0;
  const details: Record<GateName, string> = {
    ...timeDetails({ schedule, run: { nominalAt }, job }),
    job: job.status === 'paused' ? `The job is paused; that ends before, ${untilOf(job)}.` : 'The job is active.',
    due: 'Not due yet.',
    catch_up: '',
    overlap: '',
    worker: '',
    attempts: '',
  };
  const isItsTime = named || plan.scheduledAt?.getTime() === nominalAt.getTime();
  const wasPruned = isItsTime && prunedUntil !== null && nominalAt <= prunedUntil;
  const standing = wasPruned ? pruned(prunedUntil) : named ? unplanned(input) : unnamed(input, version);
  return { ...explanationOf(standing, details), named, version: version?.version ?? null };
}

/** The version in force at a time; after the last time of the current one, still the current one. */
export function versionAt<V extends Pick<LedgerVersion, 'validFrom'>>(versions: readonly V[], at: Date): V | null {
  return versions.findLast(({ validFrom }) => validFrom < at) ?? null;
}

const stopped = (stoppedAt: GateName, detail: string, wouldStart: string | null): Standing => ({
  stoppedAt,
  before: 'open',
  detail,
  summary: detail,
  wouldStart,
});

const pruned = (until: Date): Standing =>
  stopped('job', `What became of it is not kept any more: runs up to ${until.toISOString()} have been pruned.`, null);

function unnamed(input: ExplainTimeInput, version: LedgerVersion | null): Standing {
  const { versions, plan, nominalAt } = input;
  if (plan.scheduledAt) return stopped('job', `This job runs once, at ${plan.scheduledAt.toISOString()}.`, null);
  const [first] = versions;
  if (!version)
    return stopped('job', `The job did not exist then: it was submitted at ${first?.validFrom.toISOString()}.`, null);
  const following = nextTime(version.schedule, nominalAt, input.job.id);
  const isNamed = following && !(version.validTo && following > version.validTo);
  const next = isNamed ? ` The next that it names is ${following.toISOString()}.` : ' It names none after it.';
  const isLastRun = isNamed && isAhead(input, version, following) && leftAt(input, version, following) === 0;
  const none = isLastRun ? ' No run is left for that one by what is planned: maxRuns allows no more.' : '';
  const which =
    version === versions.at(-1) ? 'The schedule' : `The schedule in force then (version ${version.version})`;
  return stopped('job', `${which} does not name this time.${next}${none}`, null);
}

function unplanned(input: ExplainTimeInput): Standing {
  const { job, plan, nominalAt } = input;
  const version = versionAt(input.versions, nominalAt);
  if (version?.validTo && nominalAt > version.validTo)
    return stopped('job', `The job names no time after ${version.validTo.toISOString()}: it is ${endedBy(job)}.`, null);
  if (!version || !isAhead(input, version, nominalAt))
    return stopped('job', 'There is no row for this time, though it was planned: a gap in the ledger.', null);
  const suppression = suppressedBy(version.schedule, nominalAt);
  const isPaused = job.status === 'paused' && !endsBefore(job, nominalAt);
  if (isPaused) return paused(input, suppression?.reason ?? null);
  const left = leftAt(input, version, nominalAt);
  if (left === 0) return noneLeft(version);
  if (suppression) {
    const when = nominalAt > plan.now ? 'It lies ahead and will not run' : 'It has passed and did not run';
    const detail = `${when}: ${suppression.reason}.`;
    return stopped('calendar', detail, 'The day is taken from the excluded ones before it comes.');
  }
  return nominalAt > plan.now ? ahead(input, left) : behind;
}

/** Whether the current version names the time, and it has not been planned. */
const isAhead = ({ versions, plan }: ExplainTimeInput, version: LedgerVersion, time: Date): boolean =>
  version === versions.at(-1) && plan.nextRunAt !== null && time >= plan.nextRunAt;

function leftAt({ job, plan }: ExplainTimeInput, { schedule, validTo }: LedgerVersion, time: Date): RunsLeft {
  return runsLeftAt(schedule, runsAhead(schedule, plan, validTo, resumesAt(job)), time, job.id);
}

function noneLeft({ schedule }: LedgerVersion): Standing {
  const detail = `No run is left for it: maxRuns is ${schedule.maxRuns}, and earlier times take what is left.`;
  return stopped('job', detail, 'An earlier run ends without having started, or maxRuns is raised.');
}

function paused({ job, plan, nominalAt }: ExplainTimeInput, suppressed: string | null): Standing {
  const detail = `It has no run yet: ${jobDetail({ job })}`;
  if (suppressed) return stopped('job', `${detail} It will not run after that either: ${suppressed}.`, null);
  if (nominalAt <= plan.now)
    return stopped('job', detail, 'The job resumes; what passed meanwhile is made up as its catch-up policy says.');
  const { pausedUntil } = job;
  if (!pausedUntil) return stopped('job', detail, `${resumption(job)} Before this time, or catch-up decides.`);
  return stopped(
    'job',
    `${detail} This time lies before the end of the pause.`,
    `Somebody resumes the job before it; else catch-up decides at ${pausedUntil.toISOString()} whether it is made up.`,
  );
}

function ahead({ plan, nominalAt, createdAheadMs: { most, least } }: ExplainTimeInput, left: RunsLeft): Standing {
  const at = nominalAt.toISOString();
  const isNear = nominalAt.getTime() - plan.now.getTime() <= least;
  const created = isNear ? 'is about to be created' : `is created ${inWords(most)} to ${inWords(least)} before`;
  const uncounted =
    left === null
      ? ` More than ${MOST_COUNTED} times come before, so whether maxRuns leaves it a run is not counted.`
      : '';
  return stopped('due', `It lies ahead: its run ${created}.${uncounted}`, `Its time comes, ${at}.`);
}

const behind = stopped(
  'due',
  'It has passed and is not planned yet: the ticker is behind.',
  'A ticker is running and catches up; whether the time is made up, catch-up decides.',
);

const untilOf = ({ pausedUntil }: ExplainedJob): string => `at ${pausedUntil?.toISOString()}`;

const endedBy = ({ status }: ExplainedJob): string =>
  isFinished(status) ? status : 'at the last run that maxRuns allows';
