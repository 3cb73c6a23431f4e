import { parseArgs } from 'node:util';

/** Where tens of thousands are wanted: more than two cores take while something is broken. */
const manyJobs = { rate: 200, bulk: 0.1 };

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    long: { type: 'boolean', default: false },
    only: { type: 'string' },
    seed: { type: 'string' },
    minutes: { type: 'string' },
    jobs: { type: 'string' },
    rate: { type: 'string' },
    takeover: { type: 'boolean', default: false },
    broken: { type: 'boolean', default: false },
    report: { type: 'string' },
    counts: { type: 'string' },
  },
});

const numberOf = (name: 'seed' | 'minutes' | 'jobs' | 'rate'): number | undefined => {
  const text = values[name];
  if (text === undefined) return undefined;
  const number = Number(text);
  if (!(number > 0)) throw new Error(`--${name} takes a number above 0, not ${text}`);
  return number;
};
const jobs = numberOf('jobs') ?? 0;
const rate = numberOf('rate');

/** What the command line asks for. */
export const options = {
  ...values,
  /** Ids of scenarios. */
  only: values.only?.toUpperCase().split(','),
  seed: numberOf('seed') ?? Date.now() % 1_000_000,
  minutes: numberOf('minutes'),
  /** Faults go on until so many jobs have been accepted; 0: no such goal. */
  jobs,
  /** What of the load differs from what the scenario says. */
  work: { ...(jobs > 0 ? manyJobs : {}), ...(rate === undefined ? {} : { rate }) },
};
