import { isFinished } from '../../jobs/domain/job-status.js';
import { describeTime, nextTime } from '../../jobs/domain/schedule/index.js';
import { jobDetail, timeDetails } from './explain.js';
import type { ExplainedJob } from './explain.js';
import { explanationOf } from './explanation.js';
import type { Explanation, GateName, Standing } from './explanation.js';
import type { JobPlan, LedgerVersion } from './ledger.js';

export interface ExplainTimeInput {
  job: ExplainedJob;
  plan: JobPlan;
  /** Oldest first; empty for a one-time job. */
  versions: LedgerVersion[];
  nominalAt: Date;
  /** The last nominal time up to which rows may have been pruned; null when all are kept. */
  prunedUntil: Date | null;
  /** Runs are created this many ms before they are due. */
  horizonMs: number;
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
    job: 'The job is active.',
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

function unnamed({ versions, plan, nominalAt, job }: ExplainTimeInput, version: LedgerVersion | null): Standing {
  if (plan.scheduledAt) return stopped('job', `This job runs once, at ${plan.scheduledAt.toISOString()}.`, null);
  const [first] = versions;
  if (!version)
    return stopped('job', `The job did not exist then: it was submitted at ${first?.validFrom.toISOString()}.`, null);
  const following = nextTime(version.schedule, nominalAt, job.id);
  const next = following ? ` The next that it names is ${following.toISOString()}.` : ' It names none after it.';
  const which =
    version === versions.at(-1) ? 'The schedule' : `The schedule in force then (version ${version.version})`;
  return stopped('job', `${which} does not name this time.${next}`, null);
}

function unplanned({ job, plan, versions, nominalAt, horizonMs }: ExplainTimeInput): Standing {
  const version = versionAt(versions, nominalAt);
  const isCurrent = version === versions.at(-1);
  if (version?.validTo && nominalAt > version.validTo)
    return stopped('job', `The job names no time after ${version.validTo.toISOString()}: it is ${endedBy(job)}.`, null);
  if (!isCurrent || !plan.nextRunAt || nominalAt < plan.nextRunAt)
    return stopped('job', 'There is no row for this time, though it was planned: a gap in the ledger.', null);
  if (job.status === 'paused') {
    const detail = `It has no run yet: ${jobDetail({ job })}`;
    return stopped('job', detail, 'The job resumes; what passed meanwhile is made up as its catch-up policy says.');
  }
  const created = new Date(nominalAt.getTime() - horizonMs).toISOString();
  if (nominalAt > plan.now)
    return stopped(
      'due',
      `It lies ahead: its run is created at about ${created}.`,
      `Its time comes, ${nominalAt.toISOString()}.`,
    );
  return stopped(
    'due',
    'It has passed and is not planned yet: the ticker is behind.',
    'A ticker is running and catches up.',
  );
}

const endedBy = ({ status }: ExplainedJob): string =>
  isFinished(status) ? status : 'at the last run that maxRuns allows';
