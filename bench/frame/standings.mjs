import { summary } from './statistics.mjs';

/**
 * @typedef {import('./rounds.mjs').Results} Results
 * @typedef {import('./rounds.mjs').Outcome} Outcome
 * @typedef {import('./measurements.mjs').MeasurementKind} MeasurementKind
 *
 * @typedef {object} Standing of a subject in a measurement, over all rounds
 * @property {Results['subjects'][number]} subject
 * @property {import('./statistics.mjs').Summary[]} figures in the measurement's order
 * @property {number} [ratio] of the first figure's median to the base's
 * @property {import('./statistics.mjs').Summary} [cpuMs] for a job
 * @property {import('./statistics.mjs').Summary} walBytes for a job
 * @property {number} jobs
 * @property {boolean} noisy
 */

/**
 * @param {Results} results
 * @param {MeasurementKind} kind
 * @returns {Standing[]} best first
 */
export function standings({ outcomes, subjects }, kind) {
  const found = subjects.flatMap((subject) => {
    const rows = outcomes.filter(
      ({ measurement, subject: name, failure }) =>
        measurement === kind.name && name === subject.name && failure === undefined,
    );
    if (rows.length === 0) return [];
    const over = (/** @type {(row: Outcome) => number} */ of) => summary(rows.map(of));
    const timed = rows.every(({ costs }) => costs?.cpuSeconds !== undefined);
    return {
      subject,
      figures: kind.figures.map((_, index) => over(({ figures }) => figures?.[index] ?? NaN)),
      ...(timed && { cpuMs: over(({ costs, jobs }) => ((costs?.cpuSeconds ?? NaN) * 1_000) / jobs) }),
      walBytes: over(({ costs, jobs }) => (costs?.walBytes ?? NaN) / jobs),
      jobs: rows[0]?.jobs ?? 0,
      noisy: rows.some(({ noisy }) => noisy),
    };
  });
  const base = found.find(({ subject }) => subject.name === kind.base)?.figures[0]?.median;
  const first = (/** @type {Standing} */ { figures }) => figures[0]?.median ?? NaN;
  return found
    .map((standing) => (base === undefined ? standing : { ...standing, ratio: first(standing) / base }))
    .sort((a, b) => (kind.better === 'more' ? first(b) - first(a) : first(a) - first(b)));
}
