import { judgeGrowth, watchGrowth } from '../growth.js';
import { SmallDisk } from '../small-disk.js';
import type { Scenario } from '../scenario.js';
import type { Stage } from '../stage.js';

const startMs = 30_000;
/** Enough log records to need a new segment of 16 MB several times over. */
const mostRecords = 100;

/** PostgreSQL's disk is full: first its tables cannot grow, then its log cannot, which makes it panic. */
export const fullDisk: Pick<Scenario, 'run' | 'unavailable' | 'diskMb'> = {
  diskMb: 256,
  unavailable: () => SmallDisk.whyNot(),
  run: async (stage) => {
    await starve(stage, 'disk full', async () => undefined);
    await starve(stage, 'disk full, log at its end', () => useUpTheLog(stage));
  },
};

/** Fills the disk, waits until clients are refused, gives the space back, and wants everything to go on by itself. */
async function starve(stage: Stage, name: string, provoke: () => Promise<void>): Promise<void> {
  const disk = stage.system.disk!;
  await stage.fault(name, 'postgres', async () => {
    const { refusals } = stage.load;
    disk.fill();
    try {
      await provoke();
      await stage.until('submissions are answered 503', () => (disk.fill(), stage.load.refusals > refusals), startMs);
      stage.expect(disk.freeBytes === 0, `${disk.freeBytes} bytes were free`);
      await stage.last(stage.durationMs / 2);
    } finally {
      disk.free();
    }
    stage.notes.push(
      `${name}: ${stage.load.refusals - refusals} refused, PostgreSQL ${stage.system.postgresRuns ? 'lives' : 'ended'}`,
    );
    await stage.until('PostgreSQL answers', () => supervised(stage), startMs);
  });
  const { accepted } = stage.load;
  await stage.until('submissions are accepted again', () => stage.load.accepted > accepted, 10_000);
  await stage.last(2_000);
}

/** Writes to PostgreSQL's log until it cannot: its segments that lie ready are used up first. */
async function useUpTheLog(stage: Stage): Promise<void> {
  const record = `SELECT pg_logical_emit_message(false, 'filler', repeat('x', 1048576))`;
  for (let count = 0; count < mostRecords; count += 1) {
    const written = await stage.system.query(record).then(
      () => true,
      () => false,
    );
    if (!written) return;
  }
  stage.findings.push('the log took everything: the disk was not full');
}

/** Starts PostgreSQL again if it has ended, as any supervisor does. @returns whether it answers */
async function supervised({ system }: Stage): Promise<boolean> {
  if (!system.postgresRuns) await system.postgresUp();
  return system.query('SELECT 1').then(
    () => true,
    () => false,
  );
}

const judgedFromMs = 60_000;

/** PostgreSQL is away for long: processes wait and live, clients get 503, and nothing piles up in memory. */
export async function databaseAway(stage: Stage): Promise<void> {
  const { refusals } = stage.load;
  const watch = watchGrowth(stage.system, Math.max(stage.durationMs / 300, 500));
  await stage.fault('away', 'postgres', async () => {
    await stage.system.killPostgres('SIGINT');
    await stage.last(stage.durationMs);
    const { table, findings } = judgeGrowth(await watch.stop());
    stage.pages.push(table);
    // In a few seconds memory says nothing.
    if (stage.durationMs >= judgedFromMs) stage.findings.push(...findings);
    await stage.system.postgresUp();
  });
  stage.notes.push(`${stage.load.refusals - refusals} refused`);
  stage.expect(stage.load.refusals > refusals, 'nobody was refused although PostgreSQL was away');
}
