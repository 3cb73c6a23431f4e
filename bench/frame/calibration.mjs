import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

/** A machine this much slower than at its best is not quiet. */
export const toleratedSlowness = 1.1;

const attempts = 6;
const pauseMs = 500;

/** The same arithmetic each time, about 30 ms of it; answers with how long it took. */
const spin = `
  const { parentPort } = require('node:worker_threads');
  parentPort.on('message', () => {
    const began = performance.now();
    let x = 1;
    for (let i = 0; i < 10_000_000; i += 1) x = (Math.imul(x, 1664525) + 1013904223) | 0;
    parentPort.postMessage({ ms: performance.now() - began, x });
  });`;

/**
 * Knows how fast this machine can be: by fixed work on every core at once, compared with the best seen so far.
 */
export class Calibration {
  #spinners = Array.from({ length: availableParallelism() }, () => new Worker(spin, { eval: true }));
  #bestMs = Infinity;

  /** Learns the machine's best; to be called while nothing else is under way. */
  async learn() {
    for (let round = 0; round < 15; round += 1) await this.#slowness();
  }

  /**
   * Waits a moment for a quiet machine.
   *
   * @returns {Promise<number>} how much slower than at its best the slowest core was at the end: 1 is quiet
   */
  async untilQuiet() {
    let slowness = Infinity;
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      if (attempt > 0) await sleep(pauseMs);
      slowness = Math.min(await this.#slowness(), await this.#slowness());
      if (slowness <= toleratedSlowness) break;
    }
    return slowness;
  }

  async #slowness() {
    const times = await Promise.all(
      this.#spinners.map(
        (spinner) =>
          new Promise((/** @type {(ms: number) => void} */ resolve) => {
            spinner.once('message', ({ ms }) => resolve(ms));
            spinner.postMessage('spin');
          }),
      ),
    );
    const slowest = Math.max(...times);
    this.#bestMs = Math.min(this.#bestMs, slowest);
    return slowest / this.#bestMs;
  }

  async stop() {
    await Promise.all(this.#spinners.map((spinner) => spinner.terminate()));
  }
}
