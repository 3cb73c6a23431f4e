import { measurements } from './measurements.mjs';
import { standings } from './standings.mjs';

/**
 * What this product means to reach, each as a relation to others in the same run.
 *
 * @typedef {object} Goal
 * @property {string} what
 * @property {string} asked
 * @property {number} value
 * @property {boolean} met
 */

/**
 * @param {import('./rounds.mjs').Results} results
 * @returns {Goal[]} those that this run has all figures for
 */
export function goals(results) {
  const rows = (/** @type {string} */ measurement) => {
    const kind = measurements.find(({ name }) => name === measurement);
    return kind ? standings(results, kind) : [];
  };
  const first = (/** @type {import('./standings.mjs').Standing | undefined} */ standing) =>
    standing?.figures[0]?.median ?? NaN;
  const of = (/** @type {string} */ measurement, /** @type {string} */ subject) =>
    first(rows(measurement).find((row) => row.subject.name === subject));
  /** @type {(measurement: string, among: (subject: import('./rounds.mjs').Results['subjects'][number]) => boolean) => number} */
  const best = (measurement, among) =>
    first(rows(measurement).find(({ subject }) => !subject.ours && !subject.limit && among(subject)));
  const ours = (/** @type {string} */ measurement) => of(measurement, 'punctual');
  /** @type {(what: string, limit: number, value: number, how: 'at least' | 'at most', unit: string) => Goal} */
  const goal = (what, limit, value, how, unit) => ({
    what,
    asked: `${how} ${limit} ${unit}`,
    value,
    met: how === 'at least' ? value >= limit : value <= limit,
  });
  return [
    goal('drain, of raw Bull', 2.4, ours('drain') / of('drain', 'bull'), 'at least', '×'),
    goal(
      'drain with a doorbell for each run, of raw Bull',
      0.65,
      of('drain', 'punctual-doorbell-a-run') / of('drain', 'bull'),
      'at least',
      '×',
    ),
    goal('drain, of the best peer', 1, ours('drain') / best('drain', () => true), 'at least', '×'),
    goal('p99 at 1,000/s, more than raw Bull', 4, ours('steady-1000') - of('steady-1000', 'bull'), 'at most', 'ms'),
    goal(
      'p99 at 1,000/s, of the best peer that stores in PostgreSQL',
      0.4,
      ours('steady-1000') / best('steady-1000', ({ stores }) => stores === 'PostgreSQL'),
      'at most',
      '×',
    ),
    goal('burst, of raw Bull', 0.3, ours('burst') / of('burst', 'bull'), 'at most', '×'),
    goal(
      'bulk submission, of raw Bull',
      0.5,
      ours('submit-bulk-1000') / of('submit-bulk-1000', 'bull'),
      'at least',
      '×',
    ),
    goal(
      'single over HTTP, of a bare handler',
      0.6,
      ours('submit-http') / of('submit-http', 'bare-fastify'),
      'at least',
      '×',
    ),
  ].filter(({ value }) => Number.isFinite(value));
}
