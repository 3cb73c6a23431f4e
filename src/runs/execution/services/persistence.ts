import { Logger } from '@nestjs/common';

const firstPauseMs = 100;
const maxPauseMs = 2_000;

/** Repeats work until PostgreSQL answers, with pauses from `firstPauseMs` to `maxPauseMs`. Logs once for each outage, not for each try. */
export class Persistence {
  private readonly logger = new Logger('RunWorker');
  private saidSilence = false;

  /** @param stops whether to give up */
  constructor(private readonly stops: () => boolean) {}

  /** @returns true when the work succeeded; false when it was given up */
  async until(work: () => Promise<void>): Promise<boolean> {
    for (let pauseMs = firstPauseMs; !this.stops(); pauseMs = Math.min(pauseMs * 2, maxPauseMs)) {
      try {
        await work();
        this.saidSilence = false;
        return true;
      } catch (error) {
        if (!this.saidSilence) this.logger.warn(`Cannot claim: ${String(error)}. Trying again until it works.`);
        this.saidSilence = true;
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
    return false;
  }
}
