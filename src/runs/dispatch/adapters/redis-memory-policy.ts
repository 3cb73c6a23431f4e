import { InjectQueue } from '@nestjs/bull';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import type { Queue } from 'bull';
import { HealthChecks } from '../../../kernel/health.js';
import { doorbellQueue } from '../../../queue/queue.js';

const wanted = 'noeviction';

/**
 * Looks, at each connection to Redis, whether it may throw doorbells away when its memory is full. Nothing is lost then,
 * but runs start late: a warning, and a detail in health, not a reason to stop.
 */
@Injectable()
export class RedisMemoryPolicy implements OnModuleInit {
  private readonly logger = new Logger('Redis');
  private policy: string | null = null;
  private said: string | null = null;

  constructor(
    @InjectQueue(doorbellQueue) private readonly queue: Queue,
    @Inject(HealthChecks) private readonly health: HealthChecks,
  ) {}

  onModuleInit(): void {
    const { client } = this.queue;
    // After a failover it may be another server.
    client.on('ready', () => void this.look());
    if (client.status === 'ready') void this.look();
    this.health.register('memory-policy', () => Promise.resolve(this.detail()));
  }

  private detail(): Record<string, unknown> {
    const isWrong = this.policy !== null && this.policy !== wanted;
    return { policy: this.policy, ...(isWrong && { warning: `Set maxmemory-policy to ${wanted}.` }) };
  }

  private async look(): Promise<void> {
    try {
      this.policy = /^maxmemory_policy:(\S+)/m.exec(await this.queue.client.info('memory'))?.[1] ?? null;
    } catch (error) {
      // A Redis that went away again says so elsewhere; one whose rules forbid INFO runs unchecked.
      this.logger.debug(`Its maxmemory-policy could not be read: ${String(error)}`);
      return;
    }
    if (this.policy === this.said) return;
    this.said = this.policy;
    if (this.policy !== null && this.policy !== wanted)
      this.logger.warn(
        `Its maxmemory-policy is ${this.policy}: when its memory is full it throws doorbells away, and runs start late. Set it to ${wanted}.`,
      );
  }
}
