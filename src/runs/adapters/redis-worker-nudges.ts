import { Inject, Injectable } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { Config } from '../../config/config.js';
import { RedisConnections } from '../../queue/redis-connections.js';
import type { IWorkerNudges } from '../interfaces/worker-nudges.js';

@Injectable()
export class RedisWorkerNudges implements IWorkerNudges {
  private readonly channel: string;
  private readonly publisher: Redis;

  constructor(
    private readonly connections: RedisConnections,
    @Inject(Config) config: Config,
  ) {
    this.channel = `${config.redis.prefix}:look`;
    this.publisher = connections.open('client');
  }

  nudge(): void {
    // A command for a Redis that is away would wait in memory.
    if (this.publisher.status !== 'ready') return;
    this.publisher.publish(this.channel, '').catch((error: unknown) => this.connections.say(error as Error));
  }

  onNudge(listener: () => void): void {
    const subscriber = this.connections.open('subscriber');
    subscriber.on('message', listener);
    subscriber.subscribe(this.channel).catch((error: unknown) => this.connections.say(error as Error));
  }
}
