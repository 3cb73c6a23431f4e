// One measurement of one subject, or one scenario, in a process of its own. Told what by its first message; see measure.mjs.
import { performance } from 'node:perf_hooks';
import { perform } from './perform.mjs';

/** @typedef {import('./measure.mjs').Order} Order */

/** @param {object} message */
function tell(message) {
  process.send?.(message);
}

/** @type {(() => void) | undefined} */
let answered;

/** @type {import('../subject.d.ts').Meter} */
const meter = {
  async measure(work) {
    await ask('open');
    const began = performance.now();
    await work();
    const ms = performance.now() - began;
    await ask('close');
    return ms;
  },
};

/** @param {'open' | 'close'} window */
function ask(window) {
  return new Promise((/** @type {(value?: undefined) => void} */ resolve) => {
    answered = resolve;
    tell({ window });
  });
}

/** @param {Order} order */
async function obey({ module, measurement, count, seconds, services, quick, whole = false }) {
  const exported = await import(module);
  if (exported.scenario) {
    const say = (/** @type {string} */ line) => tell({ line });
    return exported.scenario.run(services, { quick, whole, meter, say });
  }
  const prepared = await exported.subject.prepare(services, { measurement, quick });
  try {
    return await perform(prepared, { measurement, count, seconds }, meter);
  } finally {
    await prepared.close();
  }
}

process.once('disconnect', () => process.exit(1)); // the bench is gone
process.on('message', (/** @type {Order | 'answered'} */ message) => {
  if (message === 'answered') {
    answered?.();
    return;
  }
  obey(message).then(
    (result) => tell({ result }),
    (error) => tell({ failure: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
