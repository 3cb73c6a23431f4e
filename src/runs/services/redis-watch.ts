import { Inject, Injectable, Logger } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { IClock } from '../../kernel/clock.js';
import { IJobScheduler } from '../interfaces/job-scheduler.js';
import { IRunLeases } from '../interfaces/run-leases.js';
import { RunWorker } from './run-worker.js';

/** A run that has been due for this long, in ms, while a worker had room: its doorbell was lost, or is late. */
const unansweredMs = 1_500;

/** While the dispatcher is silent, takes due runs straight from PostgreSQL: slower, never stopped. */
@Injectable()
export class RedisWatch {
  private readonly logger = new Logger(RedisWatch.name);
  private heardMs: number;
  private silent = false;

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
    if (overdueMs !== null && this.worker.room > 0)
      void this.worker.offer(await this.leases.findDue(this.worker.room, overdueMs));
  }
}
