import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import Bull from 'bull';
import { check } from './checker.js';
import type { Verdict } from './checker.js';
import type { Call, ExecutionRow, RunRow, Submission } from './ledgers.js';
import { Random } from './random.js';
import type { Sink } from './sink.js';
import type { System } from './system.js';

interface Work {
  key: string;
  url: string;
}

const program = fileURLToPath(new URL('./plain-bull-worker.mjs', import.meta.url));
const rate = 30;
const settleMs = 15_000;

/**
 * The checker's own trial by fire: plain Bull with five attempts and exponential backoff goes through some of the same
 * faults. A checker that finds nothing wrong with it is no checker.
 */
export async function breakPlainBull(system: System, sink: Sink, seed: number): Promise<Verdict> {
  await system.startServers();
  const random = new Random(seed);
  const { port } = system.redis;
  const queue = new Bull<Work>('plain', { redis: { port, host: '127.0.0.1' } });
  queue.on('error', () => undefined);
  const submissions: Submission[] = [];
  const submit = async (): Promise<void> => {
    const key = `plain-${submissions.length + 1}`;
    const submission: Submission = {
      ...{ key, kind: 'http', scheduledAt: null, sentAt: Date.now(), answer: 'unknown', answeredAt: null, jobId: null },
      ...{ unknowns: 0, mayEnd: ['succeeded'], failures: 0 },
    };
    submissions.push(submission);
    const url = `${sink.url}/${key}?delay=${random.between(5, 1_500)}`;
    const backoff = { type: 'exponential', delay: 200 };
    const options = { attempts: 5, backoff, jobId: key, delay: random.next() < 0.2 ? 3_000 : 0 };
    const job = await queue.add({ key, url }, options);
    Object.assign(submission, { answer: 'accepted', answeredAt: Date.now(), jobId: String(job.id) });
  };
  const workers = await Promise.all([startWorker(port), startWorker(port), startWorker(port)]);
  const load = setInterval(() => void submit().catch(() => undefined), 1_000 / rate);
  const replace = async (index: number): Promise<void> => {
    workers[index]?.kill('SIGKILL');
    workers[index] = await startWorker(port);
  };
  try {
    for (const index of [0, 1, 2]) {
      await sleep(1_500);
      await replace(index);
      workers[(index + 1) % 3]?.kill('SIGSTOP');
      await sleep(6_500);
      workers[(index + 1) % 3]?.kill('SIGCONT');
      await system.withRedis((redis) => redis.flushall());
    }
    await sleep(2_000);
    clearInterval(load);
    await sleep(settleMs);
    const jobs = await queue.getJobs(['completed', 'failed', 'waiting', 'active', 'delayed']);
    const known = jobs.filter((job) => job !== null);
    const calls = sink.take();
    const runs = [...known.map(rowOf), ...benefitOfDoubt(known, calls)];
    // What was never answered is no promise.
    const promised = submissions.filter(
      ({ answer, key }) => answer === 'accepted' || runs.some((run) => run.key === key),
    );
    for (const submission of promised) submission.answer = 'accepted';
    return check({ submissions: promised, calls, faults: [], jobs: [], runs, executions: runs.flatMap(attemptsOf) });
  } finally {
    clearInterval(load);
    for (const worker of workers) worker.kill('SIGKILL');
    await queue.close(true).catch(() => undefined);
  }
}

async function startWorker(port: number): Promise<ChildProcess> {
  const worker = fork(program, [String(port)]);
  await once(worker, 'message');
  return worker;
}

/** Bull's record in the words of the checker: its jobs are runs, its attempts executions. */
function rowOf(job: Bull.Job<Work>): RunRow {
  const state = job.finishedOn ? (job.failedReason ? 'failed' : 'succeeded') : 'scheduled';
  return { ...aRow(job.data.key, job.attemptsMade), state, reason: job.failedReason ?? null, nominalAt: job.timestamp };
}

/** Jobs that Bull has forgotten, but whose work was done, as if they had gone well in as many attempts as were seen. */
function benefitOfDoubt(known: Bull.Job<Work>[], calls: Call[]): RunRow[] {
  const remembered = new Set(known.map((job) => job.data.key));
  const done = calls.filter(({ key, effect }) => effect && !remembered.has(key));
  return [...new Set(done.map(({ key }) => key))].map((key) =>
    aRow(key, Math.max(...done.filter((call) => call.key === key).map(({ leaseToken }) => leaseToken ?? 1))),
  );
}

const aRow = (key: string, attempts: number): RunRow => ({
  ...{ runId: key, jobId: key, key, handler: 'http', nominalAt: 0, state: 'succeeded', reason: null },
  ...{ attempts, count: 1, nominalUntil: null },
});

const attemptsOf = ({ runId, attempts, state, nominalAt: dueAt }: RunRow): ExecutionRow[] =>
  Array.from({ length: Math.max(attempts, 1) }, (_, index): ExecutionRow => {
    const [attempt, last] = [index + 1, index + 1 === Math.max(attempts, 1)];
    const status = last && state === 'succeeded' ? 'succeeded' : 'failed';
    return { runId, attempt, status, dueAt, startedAt: dueAt, completedAt: dueAt, workerId: '', leaseToken: attempt };
  });
