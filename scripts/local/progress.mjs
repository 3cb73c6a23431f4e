/** A failure whose message is all that the person at the keyboard needs: what is wrong and what to do next. */
export class LaunchError extends Error {
  /** @override */
  name = 'LaunchError';
}

const slowAfterMs = 3_000;

/** @param {number} since a `performance.now()` */
export const secondsSince = (since) => `${((performance.now() - since) / 1_000).toFixed(1)} s`;

/**
 * Does one step of a launch and prints one line with its result and its seconds; a slow step says that it is at work.
 *
 * @template T
 * @param {string} title
 * @param {() => Promise<T>} work
 * @param {(result: T) => string} [describe] what to add to the line
 * @returns {Promise<T>}
 */
export async function step(title, work, describe) {
  const began = performance.now();
  const slow = setTimeout(() => console.log(`  … ${title}: still at it`), slowAfterMs);
  try {
    const result = await work();
    const detail = describe?.(result);
    console.log(`  ✔ ${title}${detail ? `: ${detail}` : ''} (${secondsSince(began)})`);
    return result;
  } catch (error) {
    console.log(`  ✘ ${title} (${secondsSince(began)})`);
    throw error;
  } finally {
    clearTimeout(slow);
  }
}

/**
 * Waits for all of them, also when one has failed, so that nothing is under way any more; then throws the first failure.
 *
 * @template {readonly unknown[]} T
 * @param {readonly [...T]} steps
 * @returns {Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }>}
 */
export async function allSteps(steps) {
  const results = await Promise.allSettled(steps);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  return /** @type {{ -readonly [K in keyof T]: Awaited<T[K]> }} */ (
    /** @type {unknown} */ (results.map((result) => result.status === 'fulfilled' && result.value))
  );
}

/**
 * Tells the person what went wrong: advice as it is, anything unforeseen with its stack.
 *
 * @param {unknown} error
 */
export function printFailure(error) {
  console.error(`\n${error instanceof LaunchError ? error.message : error instanceof Error ? error.stack : error}\n`);
}
