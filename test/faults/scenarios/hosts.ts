import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { loseAnswers, restart } from '../faults.js';
import type { FaultFunction } from '../faults.js';
import type { Scenario } from '../scenario.js';
import type { Stage } from '../stage.js';

/** Jobs that were paused stay so, whatever Redis forgets, and run when they are resumed. */
export const pausedThroughFlush =
  (faults: (stage: Stage) => Promise<void>) =>
  async (stage: Stage): Promise<void> => {
    const scheduledAt = Date.now() + 1_500;
    const paused = await Promise.all(
      Array.from({ length: 5 }, () =>
        stage.load.submit(
          { ...stage.load.http('', 5), scheduledAt: new Date(scheduledAt).toISOString() },
          { scheduledAt },
        ),
      ),
    );
    for (const { jobId } of paused) await stage.load.move(`/jobs/${jobId}/pause`);
    await faults(stage);
    const keys = new Set(paused.map(({ key }) => key));
    stage.expect(!stage.sink.calls.some(({ key }) => keys.has(key)), 'a paused job was run');
    for (const { jobId } of paused) await stage.load.move(`/jobs/${jobId}/resume`);
  };

/** A handler that holds its process's event loop for twice the lease: all that the process holds is lost with it. */
export async function blockedLoop(stage: Stage): Promise<void> {
  await stage.repeat(7_000, async () => {
    const at = { name: 'blocked', target: 'a worker', pid: null, kind: 'freeze' as const, from: Date.now() };
    stage.faults.push({ ...at, to: Date.now() + 6_500 });
    await stage.load.submit({ handler: 'block', payload: { ms: 6_500 } });
  });
}

/**
 * Processes that take jobs in and start them at once, and clients whose submissions have no key: what is born claimed, and
 * whose answer, start or worker is then lost.
 */
export async function claimedAtInsert(stage: Stage): Promise<void> {
  const names = ['api+worker1', 'api+worker2'];
  await stage.system.upAll(names);
  const hits: FaultFunction[] = [
    async () => stage.kill(await stage.some('api+worker')),
    loseAnswers(1_500, 0.2),
    restart('api+worker'),
    async () => stage.freeze(await stage.some('api+worker'), 4_500),
  ];
  await stage.repeat(1_000, (round) => hits[round % hits.length]!(stage));
  await stage.whole();
  for (const name of names) {
    await stage.system.member(name).process.end('SIGTERM');
    stage.system.members.delete(name);
  }
}

const faketime = [
  '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1',
  '/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1',
];
const installed = faketime.find((file) => existsSync(file));

/** Each process lives at a time of its own; only PostgreSQL's counts. */
export const skewedClocks: Pick<Scenario, 'run' | 'unavailable'> = {
  unavailable: () => (installed ? undefined : 'libfaketime is not installed (apt-get install -y libfaketime)'),
  run: async (stage) => {
    const skews = { worker1: '+2s', worker2: '-2s', worker3: '+0 x1.01', api1: '+5m', api2: '-5m', ticker1: '+1h' };
    const restart = (environment: (name: string) => Record<string, string>) =>
      Promise.all(
        Object.keys(skews).map(async (name) => {
          await stage.system.member(name).process.end('SIGTERM');
          await stage.system.up(name, environment(name));
        }),
      );
    await stage.fault('clocks', 'all', async () => {
      const still = { LD_PRELOAD: installed ?? '', FAKETIME_DONT_FAKE_MONOTONIC: '1', DONT_FAKE_MONOTONIC: '1' };
      await restart((name) => ({ ...still, FAKETIME: skews[name as keyof typeof skews] }));
      await stage.last(stage.durationMs);
      await restart(() => ({}));
    });
  },
};

/** Handlers that end their process, and handlers whose answers are rubbish, among good ones. */
export async function poison(stage: Stage): Promise<void> {
  const bad = { maxRetries: 2 };
  for (const member of stage.system.running('worker')) member.expendable = true;
  let over = false;
  const supervisor = (async () => {
    while (!over) {
      for (const member of stage.system.members.values())
        if (member.process.over && !over) await stage.system.up(member.name, member.environment);
      await stage.last(200);
    }
  })();
  const deadly = await Promise.all(
    ['exit', 'abort'].map((handler) => stage.load.submit({ handler, ...bad }, { mayEnd: ['failed'] })),
  );
  for (const handler of ['throw-null', 'reject-nothing'])
    await stage.load.submit({ handler, ...bad }, { mayEnd: ['failed'] });
  for (const handler of ['circular', 'ten-megabytes'])
    await stage.load.submit({ handler, ...bad }, { mayEnd: ['succeeded', 'failed'] });
  const ids = deadly.map(({ jobId }) => jobId);
  await stage.until(
    'the poison has run out of attempts',
    async () => {
      const rows = await stage.system.query('SELECT FROM runs WHERE job_id = ANY ($1) AND state = $2', [ids, 'failed']);
      return rows.length === ids.length;
    },
    60_000,
  );
  over = true;
  await supervisor;
  for (const member of stage.system.members.values()) {
    if (member.process.over) await stage.system.up(member.name, member.environment);
    member.expendable = false;
  }
}

export const cpuStarvation = (stage: Stage): Promise<void> =>
  stage.fault('busy loops', 'machine', async () => {
    const loops = Array.from({ length: 4 }, () => spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }));
    await stage.last(stage.durationMs).finally(() => loops.forEach((loop) => loop.kill('SIGKILL')));
  });
