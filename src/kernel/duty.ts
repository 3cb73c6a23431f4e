import { Logger } from '@nestjs/common';

/** Longest pause after an error, in ms: work must go on within seconds of the end of an outage. */
const longestPauseMs = 2_000;

/** A background duty: does its work again and again, one at a time, until it is stopped. */
export class Duty {
  private readonly logger: Logger;
  private timer: NodeJS.Timeout | undefined;
  private current: Promise<void> = Promise.resolve();
  private stopped = true;
  private hurried = false;
  private failures = 0;

  /**
   * @param name how logs call it
   * @param intervalMs pause between the end of one round and the start of the next; errors double it, up to 2 s where it is shorter
   * @param work one round; resolves to true when more is waiting and the next round should start at once
   */
  constructor(
    name: string,
    private readonly intervalMs: number,
    private readonly work: () => Promise<boolean | void>,
  ) {
    this.logger = new Logger(name);
  }

  start(): void {
    this.stopped = false;
    this.schedule(0);
  }

  /** Resolves when the round under way has ended; no further one starts. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.current;
  }

  /** Starts a round now rather than at the end of the pause; one that is under way, which may have looked already, is followed by another. */
  hurry(): void {
    if (this.stopped) return;
    if (this.timer) this.schedule(0);
    else this.hurried = true;
  }

  private schedule(delayMs: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.hurried = false;
      this.current = this.round();
    }, delayMs);
  }

  private async round(): Promise<void> {
    let more = false;
    try {
      more = (await this.work()) === true;
      if (this.failures > 0) this.logger.log(`Works again after ${this.failures} failed rounds`);
      this.failures = 0;
    } catch (error) {
      // The connections of a round that outlasts the time it gets to end are closed under it. Others do what it leaves undone.
      if (this.stopped) {
        this.logger.log(`Broken off by the stop: ${String(error)}`);
        return;
      }
      this.failures += 1;
      // The first failure and then every hundredth: an outage of minutes must not fill the log.
      if (this.failures % 100 === 1) this.logger.error(`Failed (${this.failures} in a row): ${String(error)}`);
    }
    if (this.stopped) return;
    this.schedule(
      more || this.hurried
        ? 0
        : Math.min(this.intervalMs * 2 ** Math.min(this.failures, 10), Math.max(longestPauseMs, this.intervalMs)),
    );
  }
}
