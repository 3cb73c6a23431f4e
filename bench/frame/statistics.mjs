/**
 * @param {readonly number[]} values at least one
 * @param {number} share 0.5 for the median, 0.99 for p99, 1 for the greatest
 * @returns {number} the smallest value that at least `share` of them do not exceed (nearest rank)
 */
export function percentile(values, share) {
  if (values.length === 0) throw new Error('No value to take a percentile of.');
  const sorted = [...values].sort((a, b) => a - b);
  return /** @type {number} */ (sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]);
}

/**
 * @typedef {object} Summary
 * @property {number} median the mean of the middle two if there is an even number of them
 * @property {number} min
 * @property {number} max
 */

/**
 * @param {readonly number[]} values at least one
 * @returns {Summary}
 */
export function summary(values) {
  if (values.length === 0) throw new Error('No value to sum up.');
  const sorted = [...values].sort((a, b) => a - b);
  const at = (/** @type {number} */ index) => /** @type {number} */ (sorted[index]);
  const half = sorted.length / 2;
  const median = Number.isInteger(half) ? (at(half - 1) + at(half)) / 2 : at(Math.floor(half));
  return { median, min: at(0), max: at(sorted.length - 1) };
}
