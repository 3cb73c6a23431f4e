import { Logger } from '@nestjs/common';
import { afterEach, expect, it, jest } from '@jest/globals';
import { aSettlement, success } from '../../../../test/support/factories.js';
import { readConfig } from '../../../config/config.js';
import { SystemClock } from '../../../kernel/clock.js';
import { newId } from '../../../kernel/ids.js';
import type { SettledRun, Settlement } from '../domain/settlement.js';
import type { IRunLeases } from '../interfaces/run-leases.js';
import type { SettlementFollowUp } from './settlement-follow-up.js';
import { Settler } from './settler.js';

afterEach(() => void jest.restoreAllMocks());

const config = readConfig({ JWT_SECRET: 'k'.repeat(32) });
const aSuccess = (): Settlement =>
  aSettlement({ runId: newId(), jobId: newId(), userId: newId(), leaseToken: '1', dueAt: new Date() }, success);
const settled = ({ runId }: Settlement): SettledRun => ({
  ...{ runId, jobId: newId(), state: 'succeeded', dueInMs: null, gated: true },
});

it('reports a run as settled when an earlier try with a lost answer settled it, and as taken over when it was', async () => {
  jest.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  const [before, now, fenced] = [aSuccess(), aSuccess(), aSuccess()];
  const answers = new Map([before, now].map((one) => [one.runId, settled(one)]));
  const followed: SettledRun[] = [];
  let tries = 0;
  const leases: Pick<IRunLeases, 'settle' | 'committed'> = {
    settle: async () => {
      tries += 1;
      if (tries === 1) throw new Error('The connection broke after COMMIT was sent.');
      return [answers.get(now.runId)!];
    },
    committed: async (open) => {
      expect(open.map(({ runId }) => runId).sort()).toEqual([before.runId, fenced.runId].sort());
      return [answers.get(before.runId)!];
    },
  };
  const after: Pick<SettlementFollowUp, 'follow'> = { follow: (runs) => void followed.push(...runs) };
  const settler = new Settler(leases as IRunLeases, new SystemClock(), after as SettlementFollowUp, config);
  const told = await Promise.all(
    [before, now, fenced].map((one) => new Promise((done) => settler.settle(() => one, 0, done))),
  );
  expect(told).toEqual([answers.get(before.runId), answers.get(now.runId), null]);
  expect(followed).toHaveLength(2);
  expect(tries).toBe(2);
});
