import type { Stage } from '../stage.js';

/** Longer than the wait before a mail that could not be sent is sent again. */
const toldWithinMs = 75_000;

/** Runs fail for good while the mail server is away: each owner is told when it is back, and told once. */
export async function ownersToldLater(stage: Stage): Promise<void> {
  const failing = { maxRetries: 0, notifyOnFailure: true };
  const fail = () => stage.load.submit({ ...stage.load.http('&fail=9', 5), ...failing }, { mayEnd: ['failed'] });
  const ended: Awaited<ReturnType<typeof fail>>[] = [];
  await stage.fault('away', 'mail', async () => {
    stage.sink.mailProxy.fault = { refuse: () => true };
    await stage.repeat(250, async () => void ended.push(await fail()));
    stage.sink.mailProxy.heal();
  });
  ended.push(await fail());
  const rows = await runsOf(
    stage,
    ended.map(({ jobId }) => jobId),
  );
  const told = (runId: string): number => stage.sink.notices().filter((notice) => notice === runId).length;
  await stage.until('every owner is told', () => rows.every((runId) => told(runId) > 0), toldWithinMs);
  stage.notes.push(`${rows.length} owners to tell`);
  stage.expect(rows.length === ended.length, `${rows.length} runs of ${ended.length} jobs`);
  for (const runId of rows) stage.expect(told(runId) <= 1, `the owner of run ${runId} was told ${told(runId)} times`);
}

async function runsOf(stage: Stage, jobs: (string | null)[]): Promise<string[]> {
  const rows = await stage.system.query<{ id: string }>('SELECT id FROM runs WHERE job_id = ANY ($1)', [jobs]);
  return rows.map(({ id }) => id);
}
