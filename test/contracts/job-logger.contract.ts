import { describe, expect, it } from '@jest/globals';
import { newId } from '../../src/kernel/ids.js';
import type { NewLogLine } from '../../src/runs/domain/log-line.js';
import { aClaimant, aNewRun, aSettlement, retryIn, success } from '../support/factories.js';
import { aStoredJob, firstPage, insertRuns, ms } from './ground.js';
import type { Ground, OpenGround } from './ground.js';

/** What every logger of runs keeps, and what its reader shows. */
export function jobLoggerContract(name: string, open: OpenGround): void {
  async function aRun(ground: Ground) {
    const { id: jobId } = await aStoredJob(ground);
    const run = aNewRun(jobId, ground.now());
    await insertRuns(ground, run);
    return run;
  }
  const line = (run: { id: string; jobId: string }, message: string, given: Partial<NewLogLine> = {}): NewLogLine => ({
    ...{ runId: run.id, jobId: run.jobId, level: 'info', status: 'running', message, error: null },
    ...given,
  });
  const messages = async (ground: Ground, of: { jobId: string } | { runId: string }) =>
    (await ground.logs.read(of, firstPage)).data.map(({ message }) => message);

  describe(`${name} as IJobLogger`, () => {
    it('keeps the order of lines within a batch and between batches', async () => {
      const ground = await open();
      const run = await aRun(ground);
      const texts = Array.from({ length: 60 }, (_, index) => `line ${index}`);
      await ground.logger.append(texts.slice(0, 40).map((text) => line(run, text)));
      await ground.logger.append(texts.slice(40).map((text) => line(run, text)));
      expect(await messages(ground, { runId: run.id })).toEqual(texts);
    });

    it('gives back each field, whatever a handler has written', async () => {
      const ground = await open();
      const run = await aRun(ground);
      const nasty = line(run, 'Żółw 🐢 "\'; DROP TABLE runs -- {a,b} \\N', {
        level: 'error',
        status: 'late',
        error: 'why',
      });
      await ground.logger.append([nasty]);
      const { data } = await ground.logs.read({ runId: run.id }, firstPage);
      expect(data).toEqual([{ ...nasty, id: expect.any(String), timestamp: expect.any(Date), truncated: [] }]);
    });

    it('cuts texts that are too long for their page, and none on a smaller one', async () => {
      const ground = await open();
      const run = await aRun(ground);
      const texts = ['\u0001'.repeat(8_000), 'a"é'.repeat(4_000), '🐢'.repeat(2_500)];
      await ground.logger.append(texts.map((text) => line(run, text, { error: 'short' })));
      const { data } = await ground.logs.read({ runId: run.id }, { page: 1, limit: 100 });
      expect(data.map(({ truncated }) => truncated)).toEqual(texts.map(() => ['message']));
      for (const [index, { message, error }] of data.entries()) {
        expect(error).toBe('short');
        expect(message.endsWith('… [cut]')).toBe(true);
        expect(texts[index]!.startsWith(message.slice(0, -7))).toBe(true);
        expect(Buffer.byteLength(JSON.stringify(message))).toBeLessThanOrEqual(9_000);
        expect(message.length).toBeGreaterThan(1_400);
      }
      const whole = await ground.logs.read({ runId: run.id }, { page: 1, limit: 10 });
      expect(whole.data.map(({ message }) => message)).toEqual(texts);
    });

    it('takes nothing for nothing, and drops lines of runs that are gone while it keeps the others', async () => {
      const ground = await open();
      const run = await aRun(ground);
      await ground.logger.append([]);
      const gone = { id: newId(), jobId: run.jobId };
      await ground.logger.append([line(gone, 'lost'), line(run, 'kept'), line(gone, 'lost, too')]);
      expect(await messages(ground, { runId: run.id })).toEqual(['kept']);
      expect(await messages(ground, { jobId: run.jobId })).toEqual(['kept']);
    });

    it('shows of a run and of a job what is theirs, in pages', async () => {
      const ground = await open();
      const [run, other] = [await aRun(ground), await aRun(ground)];
      await ground.logger.append([line(run, 'a'), line(other, 'b'), line(run, 'c')]);
      expect(await messages(ground, { jobId: run.jobId })).toEqual(['a', 'c']);
      const page = await ground.logs.read({ runId: run.id }, { page: 2, limit: 1 });
      expect(page.data.map(({ message }) => message)).toEqual(['c']);
      expect(page.meta).toEqual({ page: 2, limit: 1, total: 2, totalPages: 2 });
    });

    it("tells each attempt's start and end without anybody having written them", async () => {
      const ground = await open();
      const run = await aRun(ground);
      const [first] = await ground.leases.claim([run.id], aClaimant());
      await ground.advance(50);
      await ground.leases.settle([aSettlement(first!, retryIn(1_000))]);
      await ground.advance(1_000);
      const [second] = await ground.leases.claim([run.id], aClaimant({ workerId: 'w2' }));
      const told = async () => (await ground.logs.read({ runId: run.id }, firstPage)).data;
      expect(await told()).toMatchObject([
        { status: 'running', level: 'info', timestamp: ms(ground.now(), -1_020) },
        { status: 'failed', level: 'error', error: 'status 500', timestamp: ms(ground.now(), -1_000) },
        { status: 'running', message: 'Attempt 2 started on w2', timestamp: ground.now() },
      ]);
      await ground.advance(30);
      await ground.leases.settle([aSettlement(second!, success)]);
      expect((await told()).at(-1)).toMatchObject({ level: 'info', message: 'Attempt 2 succeeded after 20 ms' });
    });
  });
}
