/**
 * @typedef {import('../subject.d.ts').Prepared} Prepared
 * @typedef {import('../subject.d.ts').Meter} Meter
 * @typedef {import('./measurements.mjs').Raw} Raw
 * @typedef {{ measurement: import('../subject.d.ts').Measurement, count: number, seconds: number }} Size
 * `count` jobs in all, over so many seconds
 */

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
  if (measurement === 'steady-200' || measurement === 'steady-1000' || measurement === 'steady-1000-warm') {
    const perSecond = measurement === 'steady-200' ? 200 : 1_000;
    const lasts = count / perSecond;
    const warmUp = measurement === 'steady-1000-warm' ? lasts : 0;
    return complete(count, await able(prepared, 'steady').call(prepared, perSecond, lasts, meter, warmUp));
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
