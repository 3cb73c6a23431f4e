import { BullModule, getQueueToken } from '@nestjs/bull';
import { Global, Inject, Module } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import type { Queue } from 'bull';
import { Config } from '../config/config.js';
import { HealthChecks } from '../kernel/health.js';
import { within } from '../kernel/within.js';
import { doorbellQueue, queueOptions } from './queue.js';
import { RedisConnections } from './redis-connections.js';
import { WaitingDoorbells } from './waiting-doorbells.js';

const closingMs = 1_000;

/**
 * A script that writes, as ringing a doorbell is: a Redis that is full, read-only, or lets this user run no scripts answers
 * PING all the same.
 */
const writeCheck = `return redis.call('SET', KEYS[1], '1', 'PX', 60000)`;

@Module({ providers: [RedisConnections], exports: [RedisConnections] })
class RedisModule {}

@Global()
@Module({
  imports: [
    RedisModule,
    BullModule.registerQueueAsync({
      name: doorbellQueue,
      imports: [RedisModule],
      inject: [Config, RedisConnections],
      useFactory: queueOptions,
    }),
  ],
  providers: [WaitingDoorbells],
  exports: [BullModule, RedisModule, WaitingDoorbells],
})
export class QueueModule implements OnModuleInit {
  constructor(
    @Inject(getQueueToken(doorbellQueue)) private readonly queue: Queue,
    @Inject(HealthChecks) private readonly health: HealthChecks,
    private readonly connections: RedisConnections,
    @Inject(Config) private readonly config: Config,
  ) {}

  onModuleInit(): void {
    this.queue.on('error', (error) => this.connections.say(error));
    // @nestjs/bull would wait for a queue that closes, and one whose Redis is away may never do that.
    Object.assign(this.queue, { onApplicationShutdown: () => this.close() });
    this.health.register('redis', async () => {
      await this.queue.client.eval(writeCheck, 1, `${this.config.redis.prefix}:health`);
    });
    this.health.register('queue', async () => {
      const { waiting, active, delayed } = await this.queue.getJobCounts();
      return { waiting, active, delayed };
    });
  }

  private async close(): Promise<void> {
    await within(closingMs, this.queue.close(true));
    this.connections.closeAll();
  }
}
