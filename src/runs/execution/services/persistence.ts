import { Logger } from '@nestjs/common';

const firstPauseMs = 100;
const longestPauseMs = 2_000;

/** Tries what asks PostgreSQL until it answers, with pauses of 0.1 to 2 s, and says so once for each outage, not for each try. */
export class Persistence {
  private readonly logger = new Logger('RunWorker');
  private saidSilence = false;

  /** @param stops whether it is no use to try any more */
  constructor(private readonly stops: () => boolean) {}

  /** @returns whether it has worked; false: it was given up */
  async until(work: () => Promise<void>): Promise<boolean> {
    for (let pauseMs = firstPauseMs; !this.stops(); pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
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
