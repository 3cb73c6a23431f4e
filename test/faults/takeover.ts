import { eventually } from '../support/eventually.js';
import { Load } from './load.js';
import { Random } from './random.js';
import type { Sink } from './sink.js';
import type { System } from './system.js';

const samples = 20;
const workers = 4;

/** Kill -9 of a worker with the product's own settings: ms from the kill until the outside world is called again. */
export async function measureTakeover(system: System, sink: Sink): Promise<void> {
  await system.start(sink, {});
  await system.upAll(['api1', 'ticker1', ...Array.from({ length: workers }, (_, index) => `worker${index + 1}`)]);
  const load = new Load(system, sink, new Random(1), 'takeover', { delayMs: () => 0, rate: 0, recurring: 0 });
  await load.register();
  const callsOf = (key: string) => sink.calls.filter((call) => call.key === key);
  const times: number[] = [];
  while (times.length < samples) {
    // Several are measured at once: each on a worker of its own, killed at the same moment, taken over by the last one.
    const runs = await Promise.all(
      Array.from({ length: 12 }, () => load.submit({ ...load.http('&then=hang'), timeoutMs: 60_000 })),
    );
    await eventually(() => runs.every(({ key }) => callsOf(key).length === 1), Boolean, { withinMs: 20_000 });
    const held = await system.query<{ name: string; worker: string }>(
      `SELECT j.name, r.worker_id AS worker FROM runs r JOIN jobs j ON j.id = r.job_id WHERE r.state = 'running'`,
    );
    const victims = system.running('worker').slice(0, workers - 1);
    const measured = victims.flatMap((victim) => {
      const run = held.find(({ worker }) => worker.includes(`:${victim.process.pid}:`));
      return run ? [{ victim, key: run.name }] : [];
    });
    await Promise.all(
      measured.map(async ({ victim, key }) => {
        const killedAt = Date.now();
        await victim.process.end('SIGKILL');
        await eventually(() => callsOf(key).length === 2, Boolean, { withinMs: 60_000 });
        times.push((callsOf(key)[1]?.startedAt ?? NaN) - killedAt);
        console.log(`  ${times.length}: ${times.at(-1)} ms`);
      }),
    );
    await Promise.all(measured.map(({ victim }) => system.up(victim.name)));
  }
  const sorted = times.slice(0, samples).sort((a, b) => a - b);
  console.log(`Takeover after kill -9, ${samples} times: median ${sorted[samples / 2]} ms, worst ${sorted.at(-1)} ms`);
}
