import type { JobInput } from '../../src/jobs/domain/job-input.js';
import type { Catchup, OverlapPolicy } from '../../src/jobs/domain/policies.js';
import { HandCrankedEngine } from './hand-cranked-engine.js';
import type { RunRow } from './in-memory/database.js';
import { SlowWork } from './slow-work.js';

const second = 1_000;
const minute = 60 * second;
const dayBefore = Date.parse('2029-12-31T23:57:00Z');

/** A job of one-minute intervals in the hands of what happens to it. */
interface Stage {
  engine: HandCrankedEngine;
  id: string;
  work: SlowWork;
  pause(): Promise<unknown>;
  resume(): Promise<unknown>;
}

interface Happening {
  definition?: Partial<JobInput>;
  /** How long the first run takes, in ms; all others take 10 s. */
  firstTakesMs?: number;
  play(stage: Stage): Promise<void>;
}

/** Excludes times 3 and 4. */
const newYear = { excludeDates: ['2030-01-01'] };
const usualMs = 10 * second;

const pauseOverThreeTimes = async ({ work, pause, resume }: Stage): Promise<void> => {
  await work.pass(90 * second);
  await pause();
  await work.pass(3 * minute);
  await resume();
  await work.pass(90 * second);
};

const outageOverThreeTimes = async ({ work }: Stage): Promise<void> => {
  await work.pass(90 * second);
  await work.outage(3 * minute);
  await work.pass(90 * second);
};

/** What happens around times 1, 2, 3 and 4: the rows of the table in docs/schedules.md. */
export const happenings = {
  'a pause': { play: pauseOverThreeTimes },
  'an outage': { play: outageOverThreeTimes },
  'slow work': { firstTakesMs: 150 * second, play: ({ work }: Stage) => work.pass(5 * minute + 30 * second) },
  'a pause, beside slow work': { firstTakesMs: 240 * second, play: pauseOverThreeTimes },
  'an outage, in the middle of work': { firstTakesMs: 40 * second, play: outageOverThreeTimes },
  'a pause, the day of 3 and 4 excluded': { definition: newYear, play: pauseOverThreeTimes },
  'an outage, the day of 3 and 4 excluded': { definition: newYear, play: outageOverThreeTimes },
  'a new schedule after 2, beside slow work': {
    firstTakesMs: 150 * second,
    play: async ({ engine, id, work }: Stage) => {
      await work.pass(150 * second);
      await engine.change(id, { cron: '30 * * * *' });
      await work.pass(3 * minute);
    },
  },
  'slow work, `maxRuns` is 2': {
    definition: { maxRuns: 2 },
    firstTakesMs: 150 * second,
    play: ({ work }: Stage) => work.pass(6 * minute),
  },
  'an outage, `maxRuns` is 2': { definition: { maxRuns: 2 }, play: outageOverThreeTimes },
} satisfies Record<string, Happening>;
export type HappeningName = keyof typeof happenings;

/** What became of times 1, 2, 3 and 4, in a word each. */
export async function outcomesOf(
  name: HappeningName,
  catchup: Partial<Catchup>,
  overlapPolicy: OverlapPolicy,
): Promise<string> {
  const happening: Happening = happenings[name];
  const engine = await HandCrankedEngine.start('2029-12-31T23:57:00Z', { RETRY_DELAY_MS: '1000' });
  const work = new SlowWork(engine, (nominalAt) =>
    nominalAt.getTime() === dayBefore + minute ? (happening.firstTakesMs ?? usualMs) : usualMs,
  );
  const id = await engine.submit({
    type: 'recurring',
    cron: '* * * * *',
    overlapPolicy,
    catchup,
    ...happening.definition,
  });
  await happening.play({
    engine,
    id,
    work,
    pause: () => engine.lifecycle.pause(id, engine.owner, null, null),
    resume: () => engine.lifecycle.resume(id, engine.owner),
  });
  const runs = await engine.runs(id);
  return [1, 2, 3, 4].map((time) => wordOf(runs, dayBefore + time * minute)).join(', ');
}

function wordOf(runs: RunRow[], time: number): string {
  const run = runs.find(({ nominalAt }) => nominalAt.getTime() === time);
  if (!run) return 'not named';
  if (run.state === 'succeeded') return 'ran';
  return run.state === 'skipped' || run.state === 'missed' ? String(run.reason) : run.state;
}
