import { Inject, Injectable, Logger } from '@nestjs/common';
import { Config } from '../../../config/config.js';
import { IClock } from '../../../kernel/clock.js';
import { IJobScheduler } from '../../dispatch/interfaces/job-scheduler.js';
import { IRunLeases } from '../../execution/interfaces/run-leases.js';
import { RunWorker } from '../../execution/services/run-worker.js';

/** A run that has been due for this long, in ms, while a worker had room: its doorbell was lost, or is late. */
const unansweredMs = 1_500;
/** Looks at what is due in one round at most. */
const mostLooks = 4;
/** Pause, in ms, between two looks past owners that have their share, while Redis answers: such a look reads all that they have due. */
const pastOwnersMs = 2_500;

/** While the dispatcher is silent, takes due runs straight from PostgreSQL: slower, never stopped. */
@Injectable()
export class DueRunPoller {
  private readonly logger = new Logger(DueRunPoller.name);
  private heardMs: number;
  private silent = false;
  private lookedPastMs = -Infinity;

  constructor(
    @Inject(IJobScheduler) private readonly scheduler: IJobScheduler,
    @Inject(IRunLeases) private readonly leases: IRunLeases,
    @Inject(IClock) private readonly clock: IClock,
    @Inject(Config) private readonly config: Config,
    private readonly worker: RunWorker,
  ) {
    this.heardMs = clock.monotonicMs();
  }

  /** One round. */
  async look(): Promise<void> {
    const answered = await this.scheduler.ping().then(
      () => true,
      () => false,
    );
    const nowMs = this.clock.monotonicMs();
    if (answered) this.heardMs = nowMs;
    const silent = nowMs - this.heardMs > this.config.engine.redisSilenceMs;
    if (silent !== this.silent)
      this.logger.warn(silent ? 'Redis is silent: claiming due runs from PostgreSQL' : 'Redis answers again');
    this.silent = silent;
    // A doorbell may be lost while Redis answers: a worker that has room looks after what nobody came for.
    const overdueMs = silent ? 0 : this.worker.isListening ? unansweredMs : null;
    if (overdueMs !== null) await this.takeDue(overdueMs, nowMs);
  }

  /** All that is found first may be of one owner: the next look goes past those of whom something was found. */
  private async takeDue(overdueMs: number, nowMs: number): Promise<void> {
    const passed = new Set(this.worker.satisfied);
    if (passed.size > 0) {
      if (overdueMs > 0 && nowMs < this.lookedPastMs + pastOwnersMs) return;
      this.lookedPastMs = nowMs;
    }
    for (let looks = 0; looks < mostLooks; looks += 1) {
      const { room } = this.worker;
      if (room === 0) return;
      const due = await this.leases.findDue(room, overdueMs, [...passed]);
      void this.worker.offer(due);
      if (due.length < room) return;
      for (const { userId } of due) passed.add(userId);
    }
  }
}
