import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../support/eventually.js';
import type { Books } from './books.js';
import { check, failuresOf } from './checker.js';
import type { Verdict } from './checker.js';
import { handlesAfter } from './handles.js';
import type { Evidence, OpenHandles } from './ledgers.js';
import { Load } from './load.js';
import type { Work } from './load.js';
import { Random } from './random.js';
import type { Scenario } from './scenario.js';
import type { Sink } from './sink.js';
import { Stage } from './stage.js';
import type { System } from './system.js';

export interface Performance {
  id: string;
  title: string;
  verdict: Verdict;
  failures: string[];
  notes: string[];
  /** Tables of its own. */
  pages: string[];
  faults: number;
  kills: number;
  /** From a worker's death to the next attempt of what it held, the slowest, in ms; null when nothing was held. */
  takeoverMs: number | null;
  /** From the end of the faults until everything had ended, in ms. */
  quiesceMs: number;
  tookMs: number;
}

const usualWork: Work = { delayMs: (random) => random.between(5, 600), rate: 20, recurring: 5 };
const quiesceLimitMs = 60_000;
const probeLimitMs = 10_000;

export interface Setting {
  system: System;
  books: Books;
  sink: Sink;
  seed: number;
  /** How long the faults go on. */
  seconds: number;
  /** They go on until so many jobs have been accepted; 0: no such goal. */
  goal: number;
  /** Where the ledgers are left when something is wrong. */
  folder: string;
  /** false leaves the audit to the caller. */
  audited: boolean;
  /** What was held open at rest; null leaves it uncounted. */
  before: OpenHandles | null;
}

/**
 * One scenario from the first submission to the verdict: load on, faults, healing, everything answered and ended, one
 * more job that must go through, and then the three ledgers against the database.
 */
export async function perform(
  scenario: Scenario,
  { system, books, sink, seed, seconds, goal, folder, audited, before }: Setting,
): Promise<Performance> {
  const began = performance.now();
  const startedAt = new Date();
  const random = new Random(seed);
  sink.take();
  system.takeLogs();
  const load = new Load(system, sink, new Random(seed + 1), scenario.id, { ...usualWork, ...scenario.work });
  const stage = new Stage(system, books, sink, load, random, seconds * 1_000, goal);
  await load.register();
  await load.addRecurring();
  load.start();
  await scenario.run(stage).catch((error: unknown) => stage.findings.push(`The scenario broke: ${describe(error)}`));
  load.stop();
  await stage.whole();
  const healed = performance.now();
  await Promise.all([load.answered(), load.cancelRecurring()]);
  const probe = performance.now();
  const { key } = await load.submit(load.http('', 0));
  await stage.until('a new job goes through', () => sink.calls.some((call) => call.key === key), probeLimitMs);
  const probeMs = performance.now() - probe;
  await eventually(
    () => books.live(scenario.id),
    (live) => live === 0,
    { withinMs: quiesceLimitMs, everyMs: 100 },
  ).catch((error: unknown) => stage.findings.push(`Not everything ended: ${describe(error)}`));
  const quiesceMs = performance.now() - healed;
  sink.readMail();
  const evidence: Evidence = {
    submissions: load.submissions,
    calls: sink.calls.slice(),
    faults: stage.faults,
    ...(await books.read(scenario.id, load.submissions)),
    open: before && { before, after: await handlesAfter(system, before) },
  };
  const verdict = check(evidence);
  scenario.after?.(verdict, stage);
  const failures = [
    ...failuresOf(verdict),
    ...stage.findings,
    ...[...new Set(load.badAnswers)].map((answer) => `a client got ${answer}`),
    ...processFindings(system),
    ...(audited ? await books.audit(startedAt) : []),
  ];
  if (failures.length > 0) keepLedgers(join(folder, scenario.id), evidence, failures, system);
  return {
    ...{ id: scenario.id, title: scenario.title, verdict, failures, faults: stage.faults.length, quiesceMs },
    kills: stage.faults.filter(({ kind }) => kind === 'kill').length,
    takeoverMs: takeover(evidence),
    pages: stage.pages,
    notes: [...stage.notes, `probe ${probeMs.toFixed(0)} ms`],
    tookMs: performance.now() - began,
  };
}

const describe = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

/** A process that ended although nobody ended it, or that swallowed a failure. */
function processFindings(system: System): string[] {
  const died = [...system.members.values()]
    .filter(({ process, expendable }) => process.over && !expendable)
    .map(({ name, process }) => `${name} ended unasked:\n${process.log.slice(-2_000)}`);
  const unhandled = /.*(unhandled ?rejection|uncaught ?exception).*/i.exec(system.takeLogs())?.[0];
  return [...died, ...(unhandled ? [`a process logged: ${unhandled}`] : [])];
}

function takeover({ faults, executions, runs }: Evidence): number | null {
  const byRun = new Map(runs.map(({ runId }) => [runId, executions.filter((one) => one.runId === runId)]));
  const times = faults
    .filter(({ kind }) => kind === 'kill')
    .flatMap(({ pid, from }) =>
      executions
        .filter(({ status, workerId }) => status === 'lost' && workerId.includes(`:${pid}:`))
        .flatMap(({ runId, leaseToken }) => {
          const next = byRun.get(runId)?.find((one) => one.leaseToken === leaseToken + 1);
          return next ? [next.startedAt - from] : [];
        }),
    );
  return times.length > 0 ? Math.max(...times) : null;
}

function keepLedgers(folder: string, evidence: Evidence, failures: string[], system: System): void {
  mkdirSync(folder, { recursive: true });
  const lines = (entries: unknown[]): string => entries.map((entry) => JSON.stringify(entry)).join('\n');
  const { policy, open, ...ledgers } = evidence;
  writeFileSync(join(folder, 'open.json'), JSON.stringify({ policy, open }));
  for (const [name, entries] of Object.entries(ledgers)) writeFileSync(join(folder, `${name}.jsonl`), lines(entries));
  writeFileSync(join(folder, 'failures.txt'), failures.join('\n'));
  for (const { name, process } of system.members.values()) writeFileSync(join(folder, `${name}.log`), process.log);
}
