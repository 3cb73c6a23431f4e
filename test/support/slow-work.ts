import type { Outcome } from '../../src/runs/domain/outcome.js';
import type { StopReason } from '../../src/runs/execution/services/lease-keeper.js';
import type { HandCrankedEngine } from './hand-cranked-engine.js';
import type { Script } from './scripted-executor.js';

const stepMs = 10_000;

/** Work that takes its time on the clock of a hand-cranked engine, and ends at once when it is told to stop. */
export class SlowWork {
  private readonly working = new Set<{ untilMs: number; end: () => void }>();

  /** @param takesMs how long the run of a nominal time takes, in ms */
  constructor(
    private readonly engine: HandCrankedEngine,
    takesMs: (nominalAt: Date) => number,
  ) {
    const script: Script = ({ nominalAt }, { abort }) =>
      new Promise<Outcome>((resolve) => {
        const work = {
          untilMs: engine.clock.ms + takesMs(nominalAt),
          end: () => resolve({ kind: 'succeeded', result: null }),
        };
        this.working.add(work);
        abort.onAbort((told) => {
          const reason = told as StopReason;
          this.working.delete(work);
          resolve({ kind: reason === 'stopping' ? 'released' : reason, error: `stopped: ${reason}` });
        });
      });
    engine.executor.play(script);
  }

  /** Lets time pass in steps of ten seconds, in which work ends first, and then what is due happens. */
  async pass(ms: number): Promise<void> {
    for (let passedMs = 0; passedMs < ms; passedMs += stepMs) {
      this.engine.clock.advance(stepMs);
      for (const work of this.working) {
        if (work.untilMs > this.engine.clock.ms) continue;
        this.working.delete(work);
        work.end();
      }
      await this.engine.crank();
      await this.engine.crank();
    }
  }

  /** Everything is down for so long: time passes, and nothing happens. The worker is gone, and its work with it. */
  async outage(ms: number): Promise<void> {
    this.working.clear();
    await this.engine.loseWorker();
    this.engine.clock.advance(ms);
  }
}
