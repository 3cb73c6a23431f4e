import { percentile } from './statistics.mjs';

/**
 * @typedef {import('../subject.d.ts').Measurement} MeasurementName
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
 * @property {boolean} [aside] true: one round will do, and `--quick` does without
 * @property {[full: number, quick: number]} [seconds] over which they are spread
 * @property {[full: number, quick: number]} takes about so many seconds for one subject, with all that goes before and after
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
  takes: [7, 4],
  better: 'less',
  figures: [p99, p50, max],
  base: 'bull',
  ...(perSecond === 200 ? { aside: true } : {}),
});

/** @type {MeasurementKind} */
const steadyOnceWarm = {
  ...steady(1_000),
  name: 'steady-1000-warm',
  title: 'Steady 1,000 a second, once warm: lateness',
  explanation: 'The same as at 1,000 a second, after as many seconds of the same in which nothing is measured.',
  takes: [11, 6],
  aside: true,
};

/** @type {(way: import('../subject.d.ts').SubmitWay, title: string, explanation: string, count: [number, number], more?: Partial<MeasurementKind>) => MeasurementKind} */
const submit = (way, title, explanation, count, more = {}) => ({
  name: `submit-${way}`,
  title: `Submission: ${title}`,
  explanation: `${explanation} The jobs are due in an hour; nothing works them off.`,
  count,
  takes: [4, 2],
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
    takes: [5, 3],
    better: 'more',
    figures: [rate],
    base: 'bull',
  },
  steady(1_000),
  steadyOnceWarm,
  steady(200),
  {
    name: 'burst',
    title: 'Burst: until the last has started',
    explanation: 'Jobs submitted ahead, all due at one instant; from that instant until their handlers start.',
    count: [5_000, 1_000],
    takes: [7, 6],
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
    takes: [16, 8],
    better: 'less',
    figures: [p99, p50, max],
    base: 'bull',
    aside: true,
  },
  submit(
    'single',
    'one call a job',
    'One call of the library or of the service for each job, 32 in flight.',
    [5_000, 1_000],
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
      aside: true,
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
