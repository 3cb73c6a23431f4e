import { setTimeout as sleep } from 'node:timers/promises';

/** @typedef {import('../../subject.d.ts').Meter} Meter */

/** How long after the last submission the first job of {@link scheduled} falls due at the earliest, ms. */
const restMs = 1_000;
const patienceMs = 120_000;
const warmUpJobs = 200;

/** @returns {number} ms since 1970, finer than a whole one */
export const now = () => performance.timeOrigin + performance.now();

/**
 * Counts down jobs that end in any order.
 */
export class Countdown {
  #left = 0;
  /** @type {() => void} */
  #done = () => {};

  /**
   * @param {number} count of jobs to wait for from here on
   * @returns {Promise<void>}
   */
  expect(count) {
    this.#left = count;
    if (count === 0) return Promise.resolve();
    return new Promise((resolve) => (this.#done = resolve));
  }

  ended() {
    this.#left -= 1;
    if (this.#left === 0) this.#done();
  }
}

/**
 * Asks again and again, and gives up after two minutes.
 *
 * @param {() => Promise<boolean>} fulfilled
 * @param {number} [pauseMs]
 */
export async function until(fulfilled, pauseMs = 3) {
  for (const deadline = performance.now() + patienceMs; !(await fulfilled()); await sleep(pauseMs)) {
    if (performance.now() > deadline) throw new Error(`Not so after ${patienceMs / 1_000} s: ${fulfilled}`);
  }
}

/**
 * Lateness of jobs that carry a number each. A subject calls `started(number)` first thing in its handler.
 */
export class Punctuality {
  /** @type {number[]} */
  #due = [];
  /** @type {number[]} */
  #started = [];
  #countdown = new Countdown();
  /** Jobs before this one are for warming up. */
  #from = 0;

  /** @param {number} job its number */
  started(job) {
    if (this.#started[job] !== undefined) return; // a second delivery is not what is measured
    this.#started[job] = now();
    this.#countdown.ended();
  }

  /**
   * Submits jobs one by one at an even pace.
   *
   * @param {number} perSecond
   * @param {number} seconds
   * @param {(job: number) => Promise<unknown>} submit a job due at once
   * @param {Meter} meter
   * @param {number} [warmUpSeconds] of the same before it is measured, besides what every measurement warms up with
   * @returns {Promise<number[]>} lateness of each, ms
   */
  async steady(perSecond, seconds, submit, meter, warmUpSeconds = 0) {
    await this.#pace(warmUpJobs, Math.min(perSecond, 200), submit);
    await this.#pace(Math.round(perSecond * warmUpSeconds), perSecond, submit);
    this.#from = this.#due.length;
    const count = Math.round(perSecond * seconds);
    await meter.measure(() => this.#pace(count, perSecond, submit));
    return this.#lateness(count);
  }

  /**
   * Submits jobs ahead of their time and waits until all have started.
   *
   * @param {readonly number[]} dueIn ms from one instant to come
   * @param {object} how
   * @param {(job: number) => Promise<unknown>} how.submitNow a job due at once, to warm up
   * @param {(jobs: { job: number, due: Date }[]) => Promise<unknown>} how.submitAhead
   * @param {number} [how.leadMs] how long submitting them all may take
   * @param {Meter} meter
   * @returns {Promise<number[]>} lateness of each, ms
   */
  async scheduled(dueIn, { submitNow, submitAhead, leadMs = 1_500 }, meter) {
    await this.#pace(warmUpJobs, 200, submitNow);
    this.#from = warmUpJobs;
    const base = Math.ceil(now()) + leadMs + restMs;
    const jobs = dueIn.map((ms, index) => ({ job: this.#from + index, due: new Date(base + ms) }));
    for (const { job, due } of jobs) this.#due[job] = due.getTime();
    const over = this.#countdown.expect(jobs.length);
    await submitAhead(jobs);
    const left = base - now();
    if (left < restMs / 2)
      throw new Error(`Submitting took ${leadMs + restMs - left} ms, too long for a lead of ${leadMs}.`);
    await sleep(left - 20);
    await meter.measure(() => withPatience(over, jobs.length));
    return this.#lateness(jobs.length);
  }

  /**
   * @param {number} count
   * @param {number} perSecond
   * @param {(job: number) => Promise<unknown>} submit
   */
  async #pace(count, perSecond, submit) {
    const over = this.#countdown.expect(count);
    /** @type {Promise<unknown>[]} */
    const submissions = [];
    const first = this.#due.length;
    const began = performance.now();
    for (let next = 0; next < count; await sleep(1)) {
      for (; next < count && (next * 1_000) / perSecond <= performance.now() - began; next += 1) {
        this.#due[first + next] = now();
        const submission = submit(first + next);
        submission.catch(() => {}); // told below, when all are under way
        submissions.push(submission);
      }
    }
    await Promise.all(submissions);
    await withPatience(over, count);
  }

  /** @param {number} count */
  #lateness(count) {
    return Array.from({ length: count }, (_, index) => {
      const job = this.#from + index;
      return (this.#started[job] ?? NaN) - (this.#due[job] ?? NaN);
    });
  }
}

/**
 * @param {Promise<void>} over
 * @param {number} count
 */
async function withPatience(over, count) {
  const stop = new AbortController();
  const late = sleep(patienceMs, undefined, { signal: stop.signal }).then(() => {
    throw new Error(`Not all of ${count} jobs have started after ${patienceMs / 1_000} s.`);
  });
  late.catch(() => {}); // stopped in time
  await Promise.race([over, late]);
  stop.abort();
}

/**
 * Submits jobs with so many calls in flight.
 *
 * @param {number} calls
 * @param {number} inFlight
 * @param {(call: number) => Promise<unknown>} submit
 */
export async function flood(calls, inFlight, submit) {
  let next = 0;
  const lane = async () => {
    while (next < calls) await submit(next++);
  };
  await Promise.all(Array.from({ length: Math.min(inFlight, calls) }, lane));
}

export const singlesInFlight = 32;
export const bulksInFlight = 4;
export const bulkSize = 1_000;

/**
 * @param {number} count
 * @param {number} size
 * @returns {number[][]} the numbers 0 to count − 1 in parts of `size`
 */
export function parts(count, size) {
  return Array.from({ length: Math.ceil(count / size) }, (_, part) =>
    Array.from({ length: Math.min(size, count - part * size) }, (_, index) => part * size + index),
  );
}

export const hourMs = 3_600_000;
