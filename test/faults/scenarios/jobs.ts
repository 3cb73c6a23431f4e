import { flushRedis, killWorker } from '../faults.js';
import { watchGrowth } from '../growth.js';
import type { Submission } from '../ledgers.js';
import type { Scenario } from '../scenario.js';
import type { Stage } from '../stage.js';

/** Ten tickers plan the same jobs; each is killed now and then in the middle of it. */
export async function manyTickers(stage: Stage): Promise<void> {
  const more = Array.from({ length: 4 }, (_, index) => `ticker${index + 3}`);
  await stage.system.upAll(more);
  await stage.repeat(800, async () => stage.kill(await stage.some('ticker')));
  await stage.whole();
  for (const name of more) {
    await stage.system.member(name).process.end('SIGTERM');
    stage.system.members.delete(name);
  }
}

/** Locks the jobs whose runs are due within 100 ms, until after they were due. */
const lockWhatIsDue = `DO $$ BEGIN
  PERFORM FROM jobs WHERE id IN (
    SELECT job_id FROM runs
    WHERE ended_at IS NULL AND state = 'scheduled'
      AND due_at BETWEEN clock_timestamp() AND clock_timestamp() + interval '100 ms')
  ORDER BY id FOR NO KEY UPDATE;
  PERFORM pg_sleep(0.15);
END $$`;

/** Somebody holds the locks of jobs at the instants at which they are due: each starts when its lock is released. */
export const lockedWhenDue: Pick<Scenario, 'run'> = {
  run: async (stage) => {
    const from = new Date();
    await stage.fault('locks', 'postgres', () => stage.repeat(20, () => lockJobs(stage)));
    const [row] = await stage.system.query<{ times: number; missed: number; late: number }>(
      `SELECT count(*)::integer AS times, count(*) FILTER (WHERE state = 'missed')::integer AS missed,
              count(*) FILTER (WHERE started_at - due_at > interval '1 s')::integer AS late
       FROM runs WHERE gated AND nominal_at BETWEEN $1 AND clock_timestamp() - interval '1 s'`,
      [from],
    );
    const { times, missed, late } = row!;
    stage.notes.push(`${times} times of recurring jobs, ${missed} missed, ${late} more than 1 s late`);
    stage.expect(times > 0 && missed === 0, `${missed} of ${times} times were missed`);
    stage.expect(late <= times / 100, `${late} of ${times} times started more than 1 s late`);
  },
};

async function lockJobs({ system }: Stage): Promise<void> {
  await system.query(lockWhatIsDue);
}

/** Nothing runs for longer than the catch-up threshold: each mode makes up what it says, and every time has its row. */
export async function downtime(stage: Stage): Promise<void> {
  const modes = ['all', 'latest', 'none'];
  const jobs = await Promise.all(
    modes.map((mode) =>
      stage.load.submit(
        {
          type: 'recurring',
          intervalMs: 1_000,
          ...stage.load.http('', 5),
          catchup: mode === 'all' ? { mode, max: 1_000 } : { mode },
          overlapPolicy: 'allow_all',
        },
        { kind: 'recurring', mayEnd: ['succeeded', 'missed', 'skipped', 'cancelled'] },
      ),
    ),
  );
  stage.load.stop();
  await stage.last(2_000);
  const downFrom = Date.now();
  await stage.fault('down', 'all', async () => {
    const all = stage.system.running();
    await Promise.all(all.map((member) => stage.kill(member, false)));
    await stage.last(stage.durationMs);
    all.forEach((member) => stage.bringBack(member));
    await stage.whole();
  });
  const downTo = Date.now();
  const watch = watchGrowth(stage.system);
  await stage.last(5_000);
  await stage.until('it has caught up', async () => (await openTimes(stage, jobs, downTo)) === 0, 60_000);
  const most = Math.max(...(await watch.stop()).flatMap(({ memory }) => Object.values(memory)));
  stage.notes.push(`${most.toFixed(0)} MB in one process at most while it caught up`);
  const between = [new Date(downFrom + 6_000), new Date(downTo - 12_000)];
  for (const [index, { jobId }] of jobs.entries()) {
    const rows = await stage.system.query<{ state: string; times: number }>(
      `SELECT state, sum(count)::integer AS times FROM runs
       WHERE job_id = $1 AND nominal_at BETWEEN $2 AND $3 GROUP BY state`,
      [jobId, ...between],
    );
    const made = rows.find(({ state }) => state === 'succeeded')?.times ?? 0;
    stage.notes.push(`${modes[index]}: ${rows.map(({ state, times }) => `${times} ${state}`).join(', ')}`);
    if (modes[index] === 'all')
      stage.expect(
        rows.every(({ state }) => state === 'succeeded'),
        'mode all left times out',
      );
    else stage.expect(made === 0, `mode ${modes[index]} made up ${made} times that it should not`);
  }
}

/** How many runs of the time before `until` have not ended. */
async function openTimes({ system }: Stage, jobs: Submission[], until: number): Promise<number> {
  const [row] = await system.query<{ count: number }>(
    `SELECT count(*)::integer AS count FROM runs
     WHERE job_id = ANY ($1) AND nominal_at <= $2 AND state IN ('scheduled', 'running', 'retrying')`,
    [jobs.map(({ jobId }) => jobId), new Date(until)],
  );
  return row?.count ?? NaN;
}

/** Whoever changes or cancels a job in the middle of a storm gets what they were answered. */
export async function editsUnderFire(stage: Stage): Promise<void> {
  const cancelled: { submission: Submission; at: number }[] = [];
  const edit = async (): Promise<void> => {
    const scheduledAt = Date.now() + stage.random.between(300, 2_000);
    const fields = { ...stage.load.http('', 5), scheduledAt: new Date(scheduledAt).toISOString() };
    const mayEnd = ['succeeded', 'cancelled'];
    const submission = await stage.load.submit(fields, { scheduledAt: null, mayEnd });
    const job = `/jobs/${submission.jobId}`;
    await stage.last(stage.random.between(0, 1_500));
    const choice = stage.random.next();
    if (choice < 0.5) {
      if ((await stage.load.move(`${job}/cancel`)) < 300) cancelled.push({ submission, at: Date.now() });
    } else if (choice < 0.75) {
      const later = new Date(Date.now() + 1_000).toISOString();
      await stage.load.move(`${job}/reschedule`, { scheduledAt: later });
    } else {
      await stage.load.move(`${job}/pause`);
      await stage.last(stage.random.between(0, 800));
      await stage.load.move(`${job}/resume`);
    }
  };
  const edits: Promise<void>[] = [];
  await stage.repeat(100, async (round) => {
    edits.push(edit());
    if (round % 40 === 20) edits.push(killWorker(stage));
    if (round % 40 === 0) await flushRedis(stage);
  });
  await Promise.all(edits);
  stage.notes.push(`${cancelled.length} cancelled`);
  for (const { submission, at } of cancelled)
    stage.expect(
      !stage.sink.calls.some(({ key, startedAt }) => key === submission.key && startedAt > at),
      `${submission.key} was run after its cancellation had been answered`,
    );
}

/** Targets that fail in every way: attempts follow the policy, and what cannot be known is recorded as such. */
export async function sinkFaults(stage: Stage): Promise<void> {
  await stage.repeat(50, async () => {
    const query = stage.random.pick(['&then=reset', '&then=busy', '&then=hang', '&fail=3']);
    await stage.load.submit({ ...stage.load.http(query, 5), timeoutMs: 1_000 });
  });
}
