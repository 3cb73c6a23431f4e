import * as fault from './faults.js';
import type { FaultFunction } from './faults.js';
import type { Verdict } from './checker.js';
import {
  blockedLoop,
  claimedAtInsert,
  cpuStarvation,
  pausedThroughFlush,
  poison,
  skewedClocks,
} from './scenarios/hosts.js';
import { ownersToldLater } from './scenarios/mail.js';
import { databaseAway, fullDisk } from './scenarios/outages.js';
import { downtime, editsUnderFire, lockedWhenDue, manyTickers, sinkFaults } from './scenarios/jobs.js';
import type { Scenario } from './scenario.js';
import type { Stage } from './stage.js';
import type { NotRun } from './table.js';

export const pending: NotRun[] = [
  { id: 'F25', title: 'rolling upgrade', why: 'there is no earlier release to upgrade from' },
];

const noneTwice = ({ duplicates, lostAttempts }: Verdict, stage: Stage): void => {
  stage.expect(duplicates === 0, `${duplicates} runs were done twice although no worker died`);
  stage.expect(lostAttempts === 0, `${lostAttempts} attempts were lost although no worker died`);
};
const notTwice = ({ duplicates }: Verdict, stage: Stage): void =>
  stage.expect(duplicates === 0, `${duplicates} runs were done twice although no worker died`);
/** @param ms that 99 of 100 submissions must be faster than; one that waited for Redis would take its time-out of 2 s */
const answeredWithin = (ms: number) => (_verdict: Verdict, stage: Stage) => {
  const times = stage.load.answerTimes.toSorted((a, b) => a - b);
  const p99 = times[Math.floor(times.length * 0.99)] ?? 0;
  stage.notes.push(`p99 of answers ${p99.toFixed(0)} ms`);
  stage.expect(p99 < ms, `1 % of the submissions took ${p99.toFixed(0)} ms or more`);
};
const noneTwiceAndPrompt = (verdict: Verdict, stage: Stage): void => {
  noneTwice(verdict, stage);
  answeredWithin(1_500)(verdict, stage);
};
const each =
  (everyMs: number, work: FaultFunction) =>
  (stage: Stage): Promise<void> =>
    stage.repeat(everyMs, () => work(stage));
const inTurn =
  (...works: FaultFunction[]) =>
  async (stage: Stage): Promise<void> => {
    for (const work of works) {
      await work(stage);
      await stage.last(1_000);
    }
  };

const slowSink = { delayMs: () => 1_500 };

export const scenarios: Scenario[] = [
  {
    ...{ id: 'F1', title: 'workers killed mid-run', seconds: { quick: 3, full: 20 }, work: slowSink },
    run: each(2_000, fault.killWorker),
    after: ({ lostAttempts }, stage) => stage.expect(lostAttempts > 0, 'no attempt was lost: the kills hit nothing'),
  },
  {
    ...{ id: 'F2', title: 'rolling restarts by SIGTERM', seconds: { quick: 2, full: 30 } },
    work: { delayMs: (random) => (random.next() < 0.1 ? 5_000 : random.between(5, 600)) },
    run: each(3_000, fault.restart()),
    after: noneTwiceButReleased,
  },
  {
    ...{ id: 'F3', title: 'API killed between commit and answer', seconds: { quick: 2, full: 20 }, work: { rate: 60 } },
    run: each(1_500, fault.killApi),
    after: noneTwice,
  },
  {
    ...{ id: 'F4', title: 'Redis killed, back empty', seconds: { quick: 2, full: 10 } },
    run: (stage) => fault.killRedis(stage.durationMs)(stage),
    after: noneTwiceAndPrompt,
  },
  {
    ...{ id: 'F5', title: 'FLUSHALL, with paused jobs', seconds: { quick: 0, full: 20 } },
    run: pausedThroughFlush(each(1_000, fault.flushRedis)),
    after: noneTwice,
  },
  {
    ...{ id: 'F6', title: 'Redis back with an old snapshot', seconds: { quick: 0, full: 8 } },
    run: async (stage) => {
      await stage.last(stage.durationMs / 2);
      await stage.fault('snapshot', 'redis', () => stage.system.withRedis((redis) => redis.call('SAVE')));
      await stage.last(stage.durationMs / 2);
      await fault.killRedis(500, true)(stage);
    },
    after: noneTwice,
  },
  {
    ...{ id: 'F7', title: 'Redis paused, then frozen', seconds: { quick: 0, full: 20 } },
    run: inTurn(fault.pauseRedis(5_000), fault.freezeRedis(15_000)),
    after: noneTwiceAndPrompt,
  },
  {
    ...{ id: 'F8', title: 'Redis refuses writes', seconds: { quick: 0, full: 6 } },
    work: { delayMs: (random) => random.between(5, 5_000) },
    run: inTurn(fault.fillRedis(1_000), fault.readOnlyRedis(3_000), fault.fillRedis(3_000)),
    after: noneTwice,
  },
  {
    ...{ id: 'F9', title: 'Redis connections dead without a reset', seconds: { quick: 0, full: 12 } },
    run: async (stage) => {
      await fault.deadRedis(stage.durationMs)(stage);
      await everyWorkerWorks(stage, 15_000);
    },
    after: noneTwice,
  },
  {
    ...{ id: 'F10', title: 'PostgreSQL restarted: fast, immediate, killed', seconds: { quick: 1, full: 12 } },
    run: async (stage) => {
      const signals = stage.durationMs < 5_000 ? (['SIGQUIT'] as const) : (['SIGINT', 'SIGQUIT', 'SIGKILL'] as const);
      await inTurn(...signals.map(fault.restartPostgres))(stage);
    },
  },
  {
    ...{ id: 'F11', title: 'backends terminated, one killed', seconds: { quick: 0, full: 12 } },
    run: inTurn(fault.terminateBackends, fault.killBackend, fault.terminateBackends, fault.terminateBackends),
  },
  {
    ...{ id: 'F12', title: 'answer to COMMIT lost', seconds: { quick: 2, full: 20 } },
    run: (stage) => fault.loseAnswers(stage.durationMs, 0.1)(stage),
  },
  {
    ...{ id: 'F13', title: 'PostgreSQL slow', seconds: { quick: 0, full: 15 } },
    run: (stage) => fault.slowPostgres(stage.durationMs)(stage),
  },
  {
    ...{ id: 'F14', title: 'zombie worker: frozen past its lease', seconds: { quick: 4, full: 20 } },
    work: { delayMs: (random) => random.between(5, 1_500) },
    run: each(500, fault.freezeWorker),
    after: ({ lostAttempts }, stage) => stage.expect(lostAttempts > 0, 'no attempt was lost: the freeze hit nothing'),
  },
  {
    ...{ id: 'F15', title: 'event loop blocked past the lease', seconds: { quick: 0, full: 12 } },
    run: blockedLoop,
  },
  {
    ...{ id: 'F16', title: 'clocks ahead, behind and drifting', seconds: { quick: 0, full: 15 } },
    ...skewedClocks,
  },
  {
    ...{ id: 'F17', title: 'every doorbell rung thrice', seconds: { quick: 1, full: 15 } },
    run: each(500, fault.ringTooOften),
    after: noneTwice,
  },
  { ...{ id: 'F18', title: 'poisonous handlers', seconds: { quick: 0, full: 20 } }, run: poison },
  {
    ...{
      id: 'F19',
      title: 'many tickers, killed at work',
      seconds: { quick: 0, full: 15 },
      work: { recurring: 60, rate: 5 },
    },
    run: manyTickers,
    after: noneTwice,
  },
  {
    ...{ id: 'F20', title: 'everything down for a while', seconds: { quick: 0, full: 20, long: 600 } },
    run: downtime,
  },
  {
    ...{ id: 'F21', title: 'edits, pauses, cancellations under fire', seconds: { quick: 0, full: 20 } },
    run: editsUnderFire,
  },
  { ...{ id: 'F22', title: 'disk full under PostgreSQL', seconds: { quick: 0, full: 10 } }, ...fullDisk },
  {
    ...{ id: 'F23', title: 'failing targets: 500, 429, resets, silence', seconds: { quick: 0, full: 15 } },
    run: sinkFaults,
  },
  {
    ...{ id: 'F24', title: 'mail server away while runs fail', seconds: { quick: 0, full: 6 }, work: { rate: 5 } },
    run: ownersToldLater,
  },
  { ...{ id: 'F26', title: 'CPU starvation', seconds: { quick: 0, full: 15 } }, run: cpuStarvation, after: notTwice },
  {
    ...{ id: 'F27', title: 'a fifth of connections, requests and answers fail', seconds: { quick: 0, full: 15 } },
    run: (stage) => fault.flakyPostgres(stage.durationMs)(stage),
  },
  {
    ...{ id: 'F28', title: 'random mix', seconds: { quick: 0, full: 60 } },
    run: (stage) => stage.repeat(2_500, () => stage.random.pick(mix)(stage)),
  },
  {
    ...{ id: 'F29', title: 'PostgreSQL away for a while', seconds: { quick: 0, full: 15, long: 600 } },
    run: databaseAway,
    after: notTwice,
  },
  {
    ...{ id: 'F30', title: 'what is born claimed: killed, frozen, unanswered', seconds: { quick: 3, full: 30 } },
    work: { rate: 40, keyless: 0.7, delayMs: (random) => random.between(5, 1_500) },
    run: claimedAtInsert,
    after: ({ lostAttempts, undecided }, stage) => {
      stage.notes.push(`${undecided} submissions without a clear answer`);
      stage.expect(lostAttempts > 0, 'no attempt was lost: the kills hit nothing');
    },
  },
  {
    id: 'F31',
    title: 'jobs locked when they are due',
    seconds: { quick: 0, full: 15 },
    work: { recurring: 30, rate: 10 },
    ...lockedWhenDue,
    after: noneTwice,
  },
];

/** What the random mix draws from. */
export const mix: FaultFunction[] = [
  ...[fault.killWorker, fault.killWorker, fault.killApi, fault.killTicker, fault.restart('worker'), fault.freezeWorker],
  ...[fault.flushRedis, fault.killRedis(3_000), fault.pauseRedis(3_000), fault.freezeRedis(4_000)],
  ...[fault.readOnlyRedis(2_000), fault.deadRedis(4_000), fault.ringTooOften, fault.fillRedis(1_000)],
  ...[fault.restartPostgres('SIGQUIT'), fault.restartPostgres('SIGKILL'), fault.terminateBackends, fault.killBackend],
  ...[fault.loseAnswers(3_000, 0.1), fault.slowPostgres(3_000), fault.killEverything],
];

/** A restart hands runs back: none is lost, and none is done twice, because the sink does no work for a caller that has gone. */
function noneTwiceButReleased(verdict: Verdict, stage: Stage): void {
  noneTwice(verdict, stage);
  stage.notes.push(`${verdict.released} handed back`);
}

async function everyWorkerWorks(stage: Stage, withinMs: number): Promise<void> {
  const healedAt = new Date();
  await stage.until(
    'every worker takes runs again',
    async () => {
      const rows = await stage.system.query<{ worker: string }>(
        'SELECT DISTINCT worker_id AS worker FROM executions WHERE started_at > $1',
        [healedAt],
      );
      return stage.system
        .running('worker')
        .every(({ process }) => rows.some(({ worker }) => worker.includes(`:${process.pid}:`)));
    },
    withinMs,
  );
}
