import { Logger } from '@nestjs/common';

/** Maximum pause after an error, in ms: work must continue within seconds of the end of an outage. */
const maxPauseMs = 2_000;

/** A background loop: runs one round of its work after another until it is stopped. Two rounds never overlap. */
export class Duty {
  private readonly logger: Logger;
  private timer: NodeJS.Timeout | undefined;
  private current: Promise<void> = Promise.resolve();
  private stopped = true;
  private hurried = false;
  private failures = 0;

  /**
   * @param name its name in the log
   * @param intervalMs pause between the end of one round and the start of the next; each error doubles it, up to `maxPauseMs` or `intervalMs`, whichever is longer
   * @param work one round; resolves to true when more work is waiting and the next round should start at once
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

  /** Resolves when the current round has ended; no other round starts. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.current;
  }

  /** Ends the pause and starts a round now. A round that is running may have read its rows already, so another follows it at once. */
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
      // A stop closes the connections of a round that outlasts its time to end. Other processes do the rest of its work.
      if (this.stopped) {
        this.logger.log(`The stop ended this round: ${String(error)}`);
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
        : Math.min(this.intervalMs * 2 ** Math.min(this.failures, 10), Math.max(maxPauseMs, this.intervalMs)),
    );
  }
}
