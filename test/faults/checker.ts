import { toleranceMs, wrongGaps } from './checks/backoff.js';
import { leaksOf } from './checks/leaks.js';
import type { Call, Evidence, ExecutionRow, Fault, RunRow, Submission } from './ledgers.js';

/** Sets in Jepsen's sense: what is in one that should be empty names the key and what is wrong with it. */
export interface Verdict {
  accepted: number;
  runs: number;
  ended: number;
  calls: number;
  /** Accepted, and its work was never done or its run is gone or without an end. */
  lost: string[];
  /** Work, jobs or ends that nobody asked for. */
  unexpected: string[];
  /** Submissions whose answer was lost and that the same key brought to light. */
  recovered: number;
  /** Submissions without a key that were never answered clearly: each may be there once, or not at all. */
  undecided: number;
  /** Work done again where the record says why: an attempt that was lost, timed out or handed back. */
  duplicates: number;
  /** Work that the record does not account for. */
  unexplained: string[];
  /** Calls before the attempt was due. */
  early: string[];
  /** Two calls of one run at once while nobody was frozen. */
  overlapping: string[];
  /** Two at once because a frozen worker's call was still open. */
  frozenOverlaps: number;
  /** Nominal times of recurring jobs without a row, or with two. */
  unaccounted: string[];
  /** Attempts that came sooner or later than their policy says. */
  backoff: string[];
  /** Connections and descriptors that were not given back. */
  leaked: string[];
  /** Calls made again although the sink had not refused the one before: the work may be done twice. */
  redeliveries: number;
  /** Attempts that ended with their worker. */
  lostAttempts: number;
  released: number;
}

const sets = ['lost', 'unexpected', 'unexplained', 'early', 'overlapping', 'unaccounted', 'backoff', 'leaked'] as const;

export const failuresOf = (verdict: Verdict): string[] =>
  sets.flatMap((set) => verdict[set].map((entry) => `${set}: ${entry}`));

const effectless = new Set(['lost', 'released', 'timed_out', 'failed', 'cancelled']);
const finalStates = new Set(['succeeded', 'failed', 'cancelled', 'skipped', 'missed']);

/** Holds what was promised against what was seen from outside and what the database says. Pure. */
export function check(evidence: Evidence): Verdict {
  const { submissions, calls, runs, executions, jobs } = evidence;
  const runsByKey = groupBy(runs, ({ key }) => key);
  const callsByRun = groupBy(calls, ({ runId }) => runId);
  const executionsByRun = groupBy(executions, ({ runId }) => runId);
  const asked = new Map(submissions.map((submission) => [submission.key, submission]));
  const accepted = submissions.filter(({ answer }) => answer === 'accepted');
  const undecided = submissions.filter(({ answer, keyless }) => answer === 'unknown' && keyless);
  const there = [...accepted, ...undecided.filter(({ key }) => runsByKey.has(key))];
  const each = <T>(judge: (run: RunRow, calls: Call[], executions: ExecutionRow[]) => T[]): T[] =>
    runs.flatMap((run) => judge(run, callsByRun.get(run.runId) ?? [], executionsByRun.get(run.runId) ?? []));
  const overlaps = each((run, made, ended) => overlapsOf(run, made, ended, evidence.faults));
  return {
    accepted: accepted.length,
    runs: runs.length,
    ended: runs.filter(({ state }) => finalStates.has(state)).length,
    calls: calls.length,
    lost: there.flatMap((submission) => lossOf(submission, runsByKey.get(submission.key) ?? [], callsByRun)),
    unexpected: [
      ...calls.filter(({ key }) => !asked.has(key)).map(({ key }) => `a call for ${key}, which nobody submitted`),
      ...jobs.filter(({ key }) => !asked.has(key)).map(({ key }) => `a job ${key}, which nobody submitted`),
      ...twins(jobs.map(({ key }) => key)).map((key) => `${key}: two jobs`),
      ...submissions
        .filter((submission) => submission.answer !== 'accepted' && !undecided.includes(submission))
        .map(({ key, answer }) => `${key}: ${answer}`),
      ...runs.flatMap((run) => wrongEnd(run, asked.get(run.key))),
    ],
    recovered: accepted.filter(({ unknowns }) => unknowns > 0).length,
    undecided: undecided.length,
    duplicates: each((_run, made) => Array<1>(Math.max(effects(made) - 1, 0)).fill(1)).length,
    unexplained: [...each(unexplainedOf), ...strays(calls, runs, asked)],
    early: [
      ...each(earlyOf),
      ...each((run, made) => {
        const due = asked.get(run.key)?.scheduledAt ?? -Infinity;
        return made
          .filter((call) => call.startedAt < due - toleranceMs)
          .map((call) => `${run.key}: ${due - call.startedAt} ms`);
      }),
    ],
    overlapping: overlaps.filter(({ frozen }) => !frozen).map(({ text }) => text),
    frozenOverlaps: overlaps.filter(({ frozen }) => frozen).length,
    unaccounted: jobs.flatMap((job) => gapsOf(job, runsByKey.get(job.key) ?? [])),
    backoff: each((run, made, ended) => wrongGaps(run, made, ended, evidence.policy, evidence.faults)),
    leaked: evidence.open ? leaksOf(evidence.open) : [],
    redeliveries: each((_run, made) => redeliveriesOf(made)).length,
    lostAttempts: executions.filter(({ status }) => status === 'lost').length,
    released: executions.filter(({ status }) => status === 'released').length,
  };
}

const effects = (calls: Call[]): number => calls.filter(({ effect }) => effect).length;

const redeliveriesOf = (calls: Call[]): Call[] =>
  calls.toSorted((a, b) => a.startedAt - b.startedAt).filter((_call, index, all) => all[index - 1]?.refused === false);

function twins(keys: string[]): string[] {
  const seen = new Set<string>();
  return keys.filter((key) => seen.size === seen.add(key).size);
}

function groupBy<T>(entries: T[], keyOf: (entry: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const entry of entries) {
    const group = groups.get(keyOf(entry));
    if (group) group.push(entry);
    else groups.set(keyOf(entry), [entry]);
  }
  return groups;
}

function lossOf(submission: Submission, runs: RunRow[], calls: Map<string, Call[]>): string[] {
  const { key, kind } = submission;
  if (runs.length === 0) return [`${key}: no run`];
  const open = runs.filter(({ state }) => !finalStates.has(state)).map((run) => `${key}: still ${run.state}`);
  if (kind === 'log' || kind === 'custom') return open;
  const undone = runs.filter(({ state, runId }) => state === 'succeeded' && effects(calls.get(runId) ?? []) === 0);
  return [...open, ...undone.map(({ runId }) => `${key}: run ${runId} succeeded without its work`)];
}

function wrongEnd({ key, state, reason }: RunRow, submission: Submission | undefined): string[] {
  if (!submission || !finalStates.has(state) || submission.mayEnd.includes(state)) return [];
  return [`${key}: ended ${state} (${reason})`];
}

/** Calls of runs that the database does not know. */
const strays = (calls: Call[], runs: RunRow[], asked: Map<string, Submission>): string[] => {
  const known = new Set(runs.map(({ runId }) => runId));
  return calls
    .filter(({ runId, key }) => asked.has(key) && !known.has(runId))
    .map(({ runId, key }) => `${key}: a call of run ${runId}, which has no row`);
};

/** Every call belongs to one recorded attempt, attempts have one call each, and work was repeated only after an unclear end. */
function unexplainedOf({ key }: RunRow, calls: Call[], executions: ExecutionRow[]): string[] {
  const byToken = new Map(executions.map((execution) => [execution.leaseToken, execution]));
  const found: string[] = [];
  const succeeded = executions.filter(({ status }) => status === 'succeeded').length;
  if (succeeded > 1) found.push(`${key}: ${succeeded} attempts succeeded`);
  const inOrder = calls.toSorted((a, b) => a.startedAt - b.startedAt);
  const tokens = inOrder.flatMap(({ leaseToken }) => (leaseToken === null ? [] : [leaseToken]));
  for (const token of twins(tokens.map(String))) found.push(`${key}: two calls with token ${token}`);
  for (const token of tokens) if (!byToken.has(token)) found.push(`${key}: no attempt recorded for token ${token}`);
  if (tokens.some((token, index) => token < (tokens[index - 1] ?? 0))) found.push(`${key}: tokens ${tokens.join(' ')}`);
  if (effects(calls) > 1) {
    const unclear = executions.filter(({ status }) => effectless.has(status)).length;
    if (effects(calls) > unclear + succeeded) found.push(`${key}: done ${effects(calls)} times, ${unclear} unclear`);
  }
  return found;
}

function earlyOf({ key }: RunRow, calls: Call[], executions: ExecutionRow[]): string[] {
  return calls.flatMap((call) => {
    const due = executions.find(({ leaseToken }) => leaseToken === call.leaseToken)?.dueAt ?? -Infinity;
    return call.startedAt < due - toleranceMs ? [`${key}: ${(due - call.startedAt).toFixed(0)} ms`] : [];
  });
}

function overlapsOf({ key }: RunRow, calls: Call[], executions: ExecutionRow[], faults: Fault[]) {
  const inOrder = calls.toSorted((a, b) => a.startedAt - b.startedAt);
  return inOrder.flatMap((call, index) => {
    const next = inOrder[index + 1];
    if (!next || (call.endedAt ?? Infinity) <= next.startedAt) return [];
    const holder = executions.find(({ leaseToken }) => leaseToken === call.leaseToken)?.workerId;
    const frozen = faults.some(
      ({ kind, pid, from }) =>
        kind === 'freeze' && (pid === null || holder?.includes(`:${pid}:`)) && from <= next.startedAt,
    );
    return [{ text: `${key}: tokens ${call.leaseToken} and ${next.leaseToken}`, frozen }];
  });
}

/** From the first nominal time to the moment it was cancelled, each has one row, or is within one that counts several. */
function gapsOf(job: Evidence['jobs'][number], runs: RunRow[]): string[] {
  const { key, intervalMs, createdAt, updatedAt, status, maxRuns } = job;
  if (intervalMs === null) return [];
  const ran = runs.filter(({ state }) => state !== 'skipped' && state !== 'missed').length;
  const complete = maxRuns !== null && status === 'completed';
  if (complete && ran !== maxRuns) return [`${key}: completed after ${ran} of ${maxRuns} runs`];
  if (!complete && status !== 'cancelled') return [`${key}: is ${status}, not cancelled`];
  const rows = runs.toSorted((a, b) => a.nominalAt - b.nominalAt);
  const found: string[] = [];
  let expected = rows[0]?.nominalAt ?? Infinity;
  if (expected > createdAt + 2 * intervalMs) found.push(`${key}: begins ${expected - createdAt} ms after its creation`);
  for (const row of rows) {
    if (row.nominalAt !== expected) found.push(`${key}: ${row.nominalAt} where ${expected} was due`);
    const until = row.nominalUntil ?? row.nominalAt;
    if (until !== row.nominalAt + (row.count - 1) * intervalMs)
      found.push(`${key}: counts ${row.count} up to ${until}`);
    expected = until + intervalMs;
  }
  if (!complete && expected <= updatedAt - intervalMs)
    found.push(`${key}: ends ${updatedAt - expected} ms before its cancellation`);
  return found;
}
