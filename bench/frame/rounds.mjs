import { availableParallelism } from 'node:os';
import { toleratedSlowness } from './calibration.mjs';
import { measure, usualPatienceMs } from './measure.mjs';

/** More than this share of the machine given to strangers makes a window noisy. */
export const toleratedOthers = 0.05;

/** A scenario may take so many times as long as it says, and with `--whole`, which takes longer to fill the tables. */
const patience = { usual: 4, whole: 10 };

/**
 * @typedef {import('./measurements.mjs').MeasurementKind} MeasurementKind
 * @typedef {import('./measurements.mjs').Raw} Raw
 * @typedef {import('./catalogue.mjs').Found<import('../subject.d.ts').Subject>} FoundSubject
 * @typedef {import('./catalogue.mjs').Found<import('../subject.d.ts').Scenario>} FoundScenario
 *
 * @typedef {object} Outcome of one measurement of one subject in one round
 * @property {import('../subject.d.ts').Measurement} measurement
 * @property {string} subject
 * @property {number} round from 1
 * @property {number} slowness of the machine just before; 1 is its best
 * @property {boolean} noisy
 * @property {number} jobs
 * @property {number[]} [figures] in the order of the measurement's own
 * @property {import('./measure.mjs').Costs} [costs]
 * @property {string} [failure]
 *
 * @typedef {object} SceneOutcome
 * @property {string} name
 * @property {string} title
 * @property {readonly import('../subject.d.ts').Table[]} tables
 * @property {boolean} noisy
 * @property {string} [failure]
 *
 * @typedef {object} Results all that the report needs
 * @property {string} command
 * @property {string} at ISO 8601
 * @property {string} took
 * @property {string} machine
 * @property {string} software
 * @property {number} cores
 * @property {(Pick<import('../subject.d.ts').Subject, 'name' | 'title' | 'keepsHistory' | 'stores' | 'settings'> & { ours: boolean, limit: boolean, scale: Record<string, number> })[]} subjects
 * @property {Outcome[]} outcomes
 * @property {SceneOutcome[]} scenes
 * @property {boolean} [interrupted] not all was measured
 *
 * @typedef {object} Plan
 * @property {import('./stage.mjs').Stage} stage
 * @property {import('./calibration.mjs').Calibration} calibration
 * @property {AbortSignal} signal
 * @property {readonly MeasurementKind[]} kinds
 * @property {readonly FoundSubject[]} subjects
 * @property {readonly FoundScenario[]} scenarios
 * @property {number} rounds
 * @property {boolean} quick
 * @property {boolean} whole
 * @property {string} node the Node.js program that everything measured runs on
 */

/**
 * Measures all subjects one after the other, then all of them again: what changes on the machine meanwhile meets each of them.
 *
 * @param {Plan} plan
 * @returns {Promise<Pick<Results, 'outcomes' | 'scenes' | 'interrupted'>>} what there is, also when interrupted
 */
export async function rounds(plan) {
  /** @type {Outcome[]} */
  const outcomes = [];
  const began = performance.now();
  const say = (/** @type {string} */ line) => console.log(`${clock(performance.now() - began)}  ${line}`);
  /** @type {SceneOutcome[]} */
  const played = [];
  try {
    for (const kind of plan.kinds) {
      const takers = plan.subjects.filter(({ measures }) => measures.includes(kind.name));
      if (takers.length > 0) say(kind.title);
      const times = kind.aside ? 1 : plan.rounds;
      for (let round = 1; round <= times; round += 1) {
        for (const subject of takers) {
          const outcome = await once(plan, kind, subject, round, say);
          say(`  ${round}/${times} ${subject.name.padEnd(24)} ${told(kind, outcome)}`);
          outcomes.push(outcome);
        }
      }
    }
    for (const scene of plan.scenarios) played.push(await play(plan, scene, say));
  } catch (error) {
    if (!plan.signal.aborted) throw error;
  }
  return { outcomes, scenes: played, interrupted: plan.signal.aborted };
}

/**
 * @param {Plan} plan
 * @param {MeasurementKind} kind
 * @param {FoundSubject} subject
 * @param {number} round
 * @param {(line: string) => void} say
 * @returns {Promise<Outcome>}
 */
async function once({ stage, calibration, signal, quick, node }, kind, subject, round, say) {
  signal.throwIfAborted();
  const services = await stage.fresh();
  const slowness = await calibration.untilQuiet();
  const size = quick ? 1 : 0;
  const count = Math.round(kind.count[size] * (subject.scale?.[kind.name] ?? 1));
  const outcome = { measurement: kind.name, subject: subject.name, round, slowness, jobs: count };
  const seconds = kind.seconds?.[size] ?? 0;
  const order = { module: subject.module, measurement: kind.name, count, seconds, quick, services };
  const cores = availableParallelism();
  try {
    const { result, costs } = await measure(order, { node, stage, cores, say, signal });
    const figures = kind.figures.map(({ of }) => of(/** @type {Raw} */ (result)));
    const noisy = slowness > toleratedSlowness || (costs.othersShare ?? 0) > toleratedOthers;
    return { ...outcome, noisy, figures, costs };
  } catch (error) {
    signal.throwIfAborted();
    return { ...outcome, noisy: false, failure: /** @type {Error} */ (error).message };
  }
}

/**
 * @param {MeasurementKind} kind
 * @param {Outcome} outcome
 */
function told(kind, { figures, failure, noisy, slowness, costs }) {
  if (failure !== undefined) return `failed: ${firstLine(failure)}`;
  const parts = (figures ?? []).map((figure, index) => `${kind.figures[index]?.title ?? ''} ${round3(figure)}`);
  const others = Math.round((costs?.othersShare ?? 0) * 100);
  const noise = noisy
    ? `  (noisy: ${slowness.toFixed(2)} × slower before, others took ${others} % of the machine)`
    : '';
  return `${parts.join(', ')}${noise}`;
}

/**
 * @param {Plan} plan
 * @param {FoundScenario} scenario
 * @param {(line: string) => void} say
 * @returns {Promise<SceneOutcome>}
 */
async function play({ stage, calibration, signal, quick, whole, node }, { name, title, module, seconds }, say) {
  say(title);
  signal.throwIfAborted();
  const services = await stage.fresh();
  const noisy = (await calibration.untilQuiet()) > toleratedSlowness;
  /** @type {import('./measure.mjs').Order} */
  const order = { module, measurement: 'drain', count: 0, seconds: 0, quick, whole, services };
  const patienceMs = Math.max(usualPatienceMs, seconds * 1_000 * patience[whole ? 'whole' : 'usual']);
  const surroundings = { node, stage, cores: availableParallelism(), signal, patienceMs };
  try {
    const { result } = await measure(order, { ...surroundings, say: (line) => say(`  ${line}`) });
    return { name, title, tables: /** @type {import('../subject.d.ts').Table[]} */ (result), noisy };
  } catch (error) {
    signal.throwIfAborted();
    const failure = /** @type {Error} */ (error).message;
    say(`  failed: ${firstLine(failure)}`);
    return { name, title, tables: [], noisy, failure };
  }
}

/** @param {string} text; the report has all of it */
const firstLine = (text) => text.split('\n', 1)[0];

/** @param {number} value */
const round3 = (value) => Number(value.toPrecision(3)).toLocaleString('en');

/** @param {number} ms */
const clock = (ms) =>
  `${String(Math.floor(ms / 60_000)).padStart(2)}:${String(Math.floor(ms / 1_000) % 60).padStart(2, '0')}`;
