import { setTimeout as sleep } from 'node:timers/promises';
import { LaunchError } from './progress.mjs';

/** @typedef {{ stop(): Promise<void>, ended?: Promise<string> }} Part something that runs until it is stopped */

const restartPauseMs = 1_000;
const restartLimit = 10;

/** Holds the parts of a local system: notices one that ends unasked, and stops all of them in a given order. */
export class Keeper {
  /** @type {Map<string, Part>} */
  #parts = new Map();
  #stopping = false;
  /** @type {Set<Promise<unknown>>} */
  #restarts = new Set();
  /** @type {(error: unknown) => void} */
  #fail = () => {};

  /** Rejects when a part that should run has ended for good. @type {Promise<never>} */
  failed = new Promise((_resolve, reject) => (this.#fail = reject));

  constructor() {
    this.failed.catch(() => {}); // heard or not
  }

  /**
   * @template {Part} P
   * @param {string} name
   * @param {P} part
   * @param {() => void} [onEnd] instead of failing, when it ends unasked
   * @returns {P}
   */
  hold(name, part, onEnd) {
    this.#parts.set(name, part);
    void part.ended?.then((how) => {
      if (this.#stopping || this.#parts.get(name) !== part) return;
      if (!onEnd) {
        this.#fail(new LaunchError(`${name} ended unexpectedly (${how}); everything else is stopped as well.`));
        return;
      }
      console.error(`\n${name} ended unexpectedly (${how}).`);
      onEnd();
    });
    return part;
  }

  /**
   * Holds a server and, should it end unasked, starts it again on the same port.
   *
   * @template {Part & { port: number }} P
   * @param {string} name
   * @param {(port?: number) => Promise<P>} start
   * @returns {Promise<P>}
   */
  async keep(name, start, restarts = 0, /** @type {number | undefined} */ port = undefined) {
    const server = await start(port);
    return this.hold(name, server, () => {
      if (restarts === restartLimit) this.#fail(new LaunchError(`${name} ended ${restartLimit + 1} times.`));
      else void this.#startAgain(name, () => this.keep(name, start, restarts + 1, server.port));
    });
  }

  /**
   * @param {string} name
   * @param {() => Promise<Part & { port: number }>} start
   */
  async #startAgain(name, start) {
    await sleep(restartPauseMs);
    if (this.#stopping) return;
    const restart = start();
    this.#restarts.add(restart);
    try {
      console.error(`${name} runs again on port ${(await restart).port}.`);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#restarts.delete(restart);
    }
  }

  /**
   * Stops one part.
   *
   * @param {string} name
   */
  async stop(name) {
    const part = this.#parts.get(name);
    this.#parts.delete(name);
    await part?.stop();
  }

  /**
   * Stops all parts, one after the other; one that resists does not keep the others running.
   *
   * @param {string[]} order names, first to last
   */
  async stopAll(order) {
    this.#stopping = true;
    await Promise.allSettled(this.#restarts); // what is half started is stopped too
    for (const name of order) {
      await this.stop(name).catch((error) => console.error(`${name}: ${error.message}`));
    }
  }
}
