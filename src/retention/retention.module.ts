import { Inject, Module } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { Config } from '../config/config.js';
import { within } from '../kernel/within.js';
import { Duty } from '../kernel/duty.js';
import { Pruner } from './services/pruner.js';

/** A step that does not end within so many ms is left to the database: it commits, or is rolled back with its connection. */
const stepGraceMs = 1_000;

/** Needs `IRetentionMetrics`, which a later feature provides globally. */
@Module({ providers: [Pruner] })
export class RetentionModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly duty: Duty;

  constructor(
    private readonly pruner: Pruner,
    @Inject(Config) private readonly config: Config,
  ) {
    this.duty = new Duty(Pruner.name, config.retention.intervalMs, () => pruner.prune());
  }

  onApplicationBootstrap(): void {
    if (this.config.roles.includes('ticker')) this.duty.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.pruner.stop();
    await within(stepGraceMs, this.duty.stop());
  }
}
