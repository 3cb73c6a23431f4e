import { interruptTasks, killAllChildren } from './processes.mjs';

/** One Ctrl-C may arrive twice, from the terminal and from npm. */
const echoMs = 300;

const orphanCheckMs = 250;

/**
 * Turns Ctrl-C and SIGTERM into an abort signal; a second one, later, kills every child at once. The sudden death of the
 * npm that started this process counts as the first.
 *
 * @returns {AbortSignal}
 */
export function interruption() {
  const controller = new AbortController();
  let first = 0;
  const stop = () => {
    first = performance.now();
    console.log('\nStopping (Ctrl-C again kills at once)');
    interruptTasks();
    controller.abort();
  };
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      if (!controller.signal.aborted) stop();
      else if (performance.now() - first > echoMs) killAtOnce();
    });
  }
  if (process.env['npm_lifecycle_event']) onceOrphaned(() => controller.signal.aborted || stop());
  return controller.signal;
}

/** @returns {never} */
function killAtOnce() {
  killAllChildren();
  process.exit(130);
}

/** @param {() => void} callback */
function onceOrphaned(callback) {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    callback();
  }, orphanCheckMs);
  timer.unref();
}

/**
 * @param {AbortSignal} signal
 * @returns {Promise<void>} resolves when it is aborted
 */
export function aborted(signal) {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve());
  });
}
