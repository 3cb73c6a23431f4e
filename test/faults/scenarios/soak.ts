import { judgeGrowth, watchGrowth } from '../growth.js';
import type { Scenario } from '../scenario.js';
import type { Stage } from '../stage.js';

const looks = 600;

/** Samples a scenario while it goes on. Where nothing is killed or frozen, growth is a finding. */
export const watched = (scenario: Scenario): Scenario => ({
  ...scenario,
  run: async (stage) => {
    const watch = watchGrowth(stage.system, Math.max(stage.durationMs / looks, 1_000));
    try {
      await scenario.run(stage);
    } finally {
      const { table, findings } = judgeGrowth(await watch.stop());
      stage.pages.push(table);
      if (stage.faults.length === 0) stage.findings.push(...findings);
    }
  },
});

/** Nothing goes wrong: one-time and recurring jobs for as long as is asked for, some of which come to their end. */
export const soak: Scenario = {
  ...{ id: 'soak', title: 'steady load, no faults', seconds: { quick: 0, full: 60 } },
  work: { recurring: 20, rate: 50 },
  run: (stage) => stage.repeat(2_000, () => addOneWithAnEnd(stage)),
  after: ({ duplicates, lostAttempts }, stage) => {
    stage.expect(duplicates === 0, `${duplicates} runs were done twice although nothing went wrong`);
    stage.expect(lostAttempts === 0, `${lostAttempts} attempts were lost although nothing went wrong`);
  },
};

async function addOneWithAnEnd({ load, random }: Stage): Promise<void> {
  const schedule = { type: 'recurring', intervalMs: 1_000, maxRuns: random.between(2, 20) };
  const policies = { overlapPolicy: 'allow_all', catchup: { mode: 'all', max: 1_000 } };
  await load.submit(
    { ...schedule, ...policies, ...load.http('') },
    { kind: 'recurring', mayEnd: ['succeeded', 'cancelled'] },
  );
}
