import { Inject, Module } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { Config } from '../config/config.js';
import { Duty } from '../kernel/duty.js';
import { FailureNotifier } from './services/failure-notifier.js';

@Module({ providers: [FailureNotifier] })
export class NotificationsModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly duty: Duty;

  constructor(
    private readonly notifier: FailureNotifier,
    @Inject(Config) private readonly config: Config,
  ) {
    this.duty = new Duty(FailureNotifier.name, config.notifications.intervalMs, () => notifier.notifyOwed());
  }

  onApplicationBootstrap(): void {
    if (!this.config.roles.some((role) => role === 'worker' || role === 'ticker')) return;
    this.notifier.announce();
    this.duty.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    const impatience = setTimeout(() => this.notifier.breakOff(), this.config.engine.stopGraceMs);
    await this.duty.stop();
    clearTimeout(impatience);
  }
}
