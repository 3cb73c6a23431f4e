import { fileURLToPath } from 'node:url';
import Bull from 'bull';
import type { Books } from './books.js';
import type { Evidence, ExecutionRow, JobRow, RunRow, Submission } from './ledgers.js';
import type { Sink } from './sink.js';
import type { System } from './system.js';

/** The program to be started in the product's place. */
export const plainBull = fileURLToPath(new URL('./plain-bull.mjs', import.meta.url));

interface Fields {
  name: string;
  type: string;
  handler: string;
}

const everyMs = 1_000;

/** Bull's records in the words of the checker: its jobs are runs, its attempts executions. What it forgot gets the benefit of doubt. */
export class PlainBullBooks implements Books {
  constructor(
    private readonly system: System,
    private readonly sink: Sink,
  ) {}

  async read(
    prefix: string,
    submissions: Submission[],
  ): Promise<Pick<Evidence, 'jobs' | 'runs' | 'executions' | 'policy'>> {
    const known = await this.withQueue((queue) =>
      queue.getJobs(['completed', 'failed', 'waiting', 'active', 'delayed', 'paused']),
    );
    const remembered = known
      .filter((job) => (job as Bull.Job<Fields> | null)?.data.name.startsWith(`${prefix}-`))
      .map(rowOf);
    const runs = [...remembered, ...this.forgotten(new Set(remembered.map(({ runId }) => runId)))];
    return {
      jobs: submissions.filter(({ kind }) => kind === 'recurring').map(recurringOf),
      runs,
      executions: runs.flatMap(attemptsOf),
      // When an attempt ended is not on record.
      policy: { baseDelayMs: 0, maxDelayMs: 0 },
    };
  }

  live(): Promise<number> {
    return this.withQueue(async (queue) => {
      const { waiting, active, delayed } = await queue.getJobCounts();
      return waiting + active + delayed;
    });
  }

  async holders(): Promise<string[]> {
    return this.system.running('worker').map(({ process }) => `plain:${process.pid}:`);
  }

  /** It has no auditor. */
  async audit(): Promise<string[]> {
    return [];
  }

  private async withQueue<T>(work: (queue: Bull.Queue<Fields>) => Promise<T>): Promise<T> {
    const { port } = this.system.redis;
    const queue = new Bull<Fields>('plain', { prefix: this.system.redisPrefix, redis: { port, host: '127.0.0.1' } });
    queue.on('error', () => undefined);
    try {
      return await work(queue);
    } finally {
      await queue.close(true).catch(() => undefined);
    }
  }

  /** Jobs that are gone, but whose work was seen, as if they had gone well in as many attempts as were seen. */
  private forgotten(remembered: Set<string>): RunRow[] {
    const attempts = new Map<string, { key: string; most: number }>();
    for (const { key, runId, effect, leaseToken } of this.sink.calls) {
      if (!effect || remembered.has(runId)) continue;
      attempts.set(runId, { key, most: Math.max(attempts.get(runId)?.most ?? 1, leaseToken ?? 1) });
    }
    for (const [, key = ''] of this.system.logs.matchAll(/^done (\S+)$/gm))
      if (!remembered.has(key)) attempts.set(key, { key, most: 1 });
    return [...attempts].map(([runId, { key, most }]) => aRow(runId, key, most));
  }
}

const rowOf = (job: Bull.Job<Fields>): RunRow => ({
  ...aRow(String(job.id), job.data.name, job.attemptsMade),
  handler: job.data.handler,
  state: job.finishedOn ? (job.failedReason ? 'failed' : 'succeeded') : 'scheduled',
  reason: job.failedReason ?? null,
});

/** The id of one of a repeated job's own jobs ends in its time: `repeat:<hash>:<ms>`. */
const nominalAt = (runId: string): number => Number(/^repeat:.*:(\d+)$/.exec(runId)?.[1] ?? 0);

const aRow = (runId: string, key: string, attempts: number): RunRow => ({
  ...{ runId, jobId: key, key, handler: 'http', nominalAt: nominalAt(runId), state: 'succeeded', reason: null },
  ...{ attempts, retryDelayMs: null, count: 1, nominalUntil: null },
});

const recurringOf = ({ key, answeredAt, endedAt }: Submission): JobRow => ({
  ...{ jobId: key, key, type: 'recurring', status: 'cancelled', intervalMs: everyMs, maxRuns: null },
  ...{ createdAt: answeredAt ?? 0, updatedAt: endedAt ?? 0 },
});

const attemptsOf = ({ runId, attempts, state, nominalAt: dueAt }: RunRow): ExecutionRow[] =>
  Array.from({ length: Math.max(attempts, 1) }, (_, index): ExecutionRow => {
    const [attempt, last] = [index + 1, index + 1 === Math.max(attempts, 1)];
    const status = last && state === 'succeeded' ? 'succeeded' : 'failed';
    return { runId, attempt, status, dueAt, startedAt: dueAt, completedAt: dueAt, workerId: '', leaseToken: attempt };
  });
