import { percentile } from './statistics.mjs';

/**
 * @typedef {import('../subject.d.ts').Measurement} MeasurementName
 * @typedef {import('../subject.d.ts').Prepared} Prepared
 * @typedef {import('../subject.d.ts').Meter} Meter
 * @typedef {{ measurement: MeasurementName, count: number, seconds: number }} Size
 * `count` jobs in all
 *
 * @typedef {object} Figure
 * @property {string} title with its unit
 * @property {(raw: Raw) => number} of
 *
 * @typedef {object} Raw what a subject's process hands back
 * @property {number} jobs
 * @property {number} [ms] of the window
 * @property {number[]} [lateness] ms, of each job
 *
 * @typedef {object} MeasurementKind
 * @property {MeasurementName} name
 * @property {string} title
 * @property {string} explanation of what was done, for the report
 * @property {[full: number, quick: number]} count of jobs
 * @property {number} [quickSkips] 1: not part of `--quick`
 * @property {[full: number, quick: number]} [seconds] over which they are spread
 * @property {'more' | 'less'} better
 * @property {[Figure, ...Figure[]]} figures the first is what ratios are taken of
 * @property {string} base name of the subject that ratios are taken to
 */

const rate = { title: 'jobs/s', of: (/** @type {Raw} */ { jobs, ms = NaN }) => (jobs / ms) * 1_000 };
const lateness =
  (/** @type {number} */ share) =>
  (/** @type {Raw} */ { lateness: values = [] }) =>
    percentile(values, share);
/** @type {Figure} */
const p50 = { title: 'p50, ms', of: lateness(0.5) };
/** @type {Figure} */
const p99 = { title: 'p99, ms', of: lateness(0.99) };
/** @type {Figure} */
const max = { title: 'max, ms', of: lateness(1) };

/** @type {(perSecond: number) => MeasurementKind} */
const steady = (perSecond) => ({
  name: perSecond === 200 ? 'steady-200' : 'steady-1000',
  title: `Steady ${perSecond.toLocaleString('en')} a second: lateness`,
  explanation: `${perSecond.toLocaleString('en')} jobs a second, each submitted by a call of its own and due at once; from just before that call until its handler starts.`,
  count: [perSecond * 4, perSecond * 2],
  seconds: [4, 2],
  better: 'less',
  figures: [p99, p50, max],
  base: 'bull',
  ...(perSecond === 200 ? { quickSkips: 1 } : {}),
});

/** @type {(way: import('../subject.d.ts').SubmitWay, title: string, explanation: string, count: [number, number], more?: Partial<MeasurementKind>) => MeasurementKind} */
const submit = (way, title, explanation, count, more = {}) => ({
  name: `submit-${way}`,
  title: `Submission: ${title}`,
  explanation: `${explanation} The jobs are due in an hour; nothing works them off.`,
  count,
  better: 'more',
  figures: [rate],
  base: 'bull',
  ...more,
});

/** @type {readonly MeasurementKind[]} in the report's order */
export const measurements = [
  {
    name: 'drain',
    title: 'Drain: jobs a second',
    explanation:
      'That many no-op jobs wait; from the start of the workers until the last job has ended and is recorded.',
    count: [40_000, 10_000],
    better: 'more',
    figures: [rate],
    base: 'bull',
  },
  steady(1_000),
  steady(200),
  {
    name: 'burst',
    title: 'Burst: until the last has started',
    explanation: 'Jobs submitted ahead, all due at one instant; from that instant until their handlers start.',
    count: [5_000, 1_000],
    better: 'less',
    figures: [max, p50],
    base: 'bull',
  },
  {
    name: 'spread',
    title: 'Scheduled ahead: lateness',
    explanation: 'Jobs submitted ahead, due evenly over ten seconds; from when each is due until its handler starts.',
    count: [1_000, 200],
    seconds: [10, 2],
    better: 'less',
    figures: [p99, p50, max],
    base: 'bull',
    quickSkips: 1,
  },
  submit(
    'single',
    'one call a job',
    'One call of the library or of the service for each job, 32 in flight.',
    [10_000, 2_000],
  ),
  submit('bulk-1000', 'bulks of 1,000', 'Calls for 1,000 jobs each, 4 in flight.', [40_000, 8_000]),
  submit(
    'http',
    'HTTP, one job a request',
    'Requests over 32 connections, with a JWT that the server checks.',
    [10_000, 2_000],
    { base: 'bare-fastify' },
  ),
  submit(
    'http-bulk-100',
    'HTTP, 100 jobs a request',
    'Requests for 100 jobs each over 4 connections.',
    [20_000, 4_000],
    {
      base: 'bare-fastify',
      quickSkips: 1,
    },
  ),
  submit(
    'http-bulk-1000',
    'HTTP, 1,000 jobs a request',
    'Requests for 1,000 jobs each over 4 connections.',
    [40_000, 8_000],
    {
      base: 'bare-fastify',
    },
  ),
];

/**
 * @param {Prepared} prepared
 * @param {Size} size
 * @param {Meter} meter
 * @returns {Promise<Raw>}
 */
export async function perform(prepared, { measurement, count, seconds }, meter) {
  if (measurement === 'drain') return { jobs: count, ms: await able(prepared, 'drain').call(prepared, count, meter) };
  if (measurement === 'burst' || measurement === 'spread') {
    const dueIn = Array.from({ length: count }, (_, index) => (seconds * 1_000 * index) / count);
    return complete(count, await able(prepared, 'scheduled').call(prepared, dueIn, meter));
  }
  if (measurement === 'steady-200' || measurement === 'steady-1000') {
    const perSecond = measurement === 'steady-200' ? 200 : 1_000;
    return complete(count, await able(prepared, 'steady').call(prepared, perSecond, count / perSecond, meter));
  }
  const way = /** @type {import('../subject.d.ts').SubmitWay} */ (measurement.slice('submit-'.length));
  return { jobs: count, ms: await able(prepared, 'submit').call(prepared, way, count, meter) };
}

/**
 * @template {'drain' | 'steady' | 'scheduled' | 'submit'} Name
 * @param {Prepared} prepared
 * @param {Name} name
 * @returns {NonNullable<Prepared[Name]>}
 */
function able(prepared, name) {
  const method = prepared[name];
  if (!method) throw new Error(`The subject says that it takes part, but has no ${name}().`);
  return method;
}

/**
 * @param {number} jobs
 * @param {number[]} lateness
 * @returns {Raw}
 */
function complete(jobs, lateness) {
  if (lateness.length !== jobs) throw new Error(`${lateness.length} of ${jobs} jobs have started.`);
  if (!lateness.every(Number.isFinite)) throw new Error('A lateness is not a number.');
  return { jobs, lateness };
}
