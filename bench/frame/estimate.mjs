/**
 * @param {object} plan
 * @param {readonly import('./measurements.mjs').MeasurementKind[]} plan.kinds
 * @param {readonly import('../subject.d.ts').Subject[]} plan.subjects
 * @param {readonly import('../subject.d.ts').Scenario[]} plan.scenes
 * @param {number} plan.times
 * @param {boolean} plan.quick
 * @returns {string} `23 minutes`
 */
export function minutes({ kinds, subjects: takers, scenes, times, quick }) {
  const each = kinds.map(({ name, aside, takes: [full, short] }) => {
    const measured = takers.filter(({ measures }) => measures.includes(name)).length;
    return measured * (aside ? 1 : times) * (quick ? short : full);
  });
  const own = scenes.map(({ seconds }) => (quick ? seconds / 10 : seconds));
  const sum = [...each, ...own].reduce((total, seconds) => total + seconds, 0) / 60;
  return `${Math.max(1, Math.round(sum))} ${Math.round(sum) > 1 ? 'minutes' : 'minute'}`;
}
