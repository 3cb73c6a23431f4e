import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import { Config } from '../../config/config.js';
import { IClock } from '../../kernel/clock.js';
import { within } from '../../kernel/within.js';
import { RedisConnections } from '../../queue/redis-connections.js';
import type { Allowance, Taken } from '../domain/allowance.js';
import type { IRateLimiter } from '../interfaces/rate-limiter.js';
import { CoalescedTakes } from './coalesced-takes.js';
import { PrefetchedTakes } from './prefetched-takes.js';
import type { Counted } from './prefetched-takes.js';

/** Milliseconds that a request waits for Redis at most, and for which Redis is then left alone. */
const patienceMs = 200;
const awayMs = 2_000;

/**
 * The library's own script, but for its third line: what exceeds the allowance is not counted, at no moment, so that it stands in the way of
 * nothing smaller, in whatever process. KEYS[1] the counter; ARGV: points (negative: given back), seconds, the allowance.
 */
const takeScript = `
  redis.call('SET', KEYS[1], 0, 'EX', ARGV[2], 'NX')
  local points, taken = tonumber(ARGV[1]), redis.call('INCRBY', KEYS[1], ARGV[1])
  if points > 0 and taken > tonumber(ARGV[3]) then redis.call('DECRBY', KEYS[1], points) end
  local ttl = redis.call('PTTL', KEYS[1])
  if ttl == -1 then
    redis.call('EXPIRE', KEYS[1], ARGV[2])
    ttl = 1000 * ARGV[2]
  end
  return {taken, ttl}`;

interface Count {
  allowed: boolean;
  counts: RateLimiterRes;
}

interface Counters {
  shared: RateLimiterRedis;
  own: RateLimiterMemory;
}

/** Counts in Redis; in this process while Redis is away or slow. Keys are hashed: Redis holds neither addresses nor names. */
@Injectable()
export class RedisRateLimiter implements IRateLimiter {
  private readonly counters = new Map<string, Counters>();
  private readonly redis: ReturnType<RedisConnections['open']>;
  private readonly lots = new CoalescedTakes((...lot) => this.takeNow(...lot));
  private readonly ahead: PrefetchedTakes;
  private awayUntil = 0;

  constructor(
    @Inject(Config) private readonly config: Config,
    @Inject(IClock) private readonly clock: IClock,
    connections: RedisConnections,
  ) {
    this.redis = connections.open('client');
    this.ahead = new PrefetchedTakes(
      {
        take: (...lot) => this.lots.of(...lot),
        takeAhead: (...lot) => this.takeNow(...lot),
        giveBack: (...lot) => this.giveBack(...lot),
      },
      clock,
    );
  }

  take(allowance: Allowance, key: string, count = 1): Promise<Taken> {
    return allowance.inLots ? this.ahead.of(allowance, key, count) : this.takeNow(allowance, key, count);
  }

  async used(allowance: Allowance, key: string): Promise<number> {
    const { shared, own } = this.countersOf(allowance);
    const name = hashed(key);
    const there = this.isAway() ? undefined : await this.ask(shared.get(name));
    const counts = there === undefined ? await own.get(name) : there;
    const taken = (counts?.consumedPoints ?? 0) - this.ahead.inHand(allowance, key);
    return Math.min(allowance.points, Math.max(0, taken));
  }

  giveBack(allowance: Allowance, key: string, count = 1): void {
    const { shared, own } = this.countersOf(allowance);
    const name = hashed(key);
    void within(awayMs, own.reward(name, count));
    if (!this.isAway()) void within(awayMs, shared.reward(name, count));
  }

  forget(allowance: Allowance, key: string): void {
    const { shared, own } = this.countersOf(allowance);
    const name = hashed(key);
    this.ahead.forget(allowance, key);
    void within(awayMs, own.delete(name));
    if (!this.isAway()) void within(awayMs, shared.delete(name));
  }

  private async takeNow(allowance: Allowance, key: string, count: number): Promise<Counted> {
    const { shared, own } = this.countersOf(allowance);
    const name = hashed(key);
    // Counted here as well, so that a process that loses Redis does not begin at zero.
    const here = await outcome(own.consume(name, count));
    const there = this.isAway() ? undefined : await this.ask(outcome(shared.consume(name, count)));
    const taken = takenFrom(allowance, there ?? here);
    if (!taken.allowed && allowance.inLots) void within(awayMs, own.reward(name, count));
    return taken;
  }

  private isAway(): boolean {
    return this.redis.status !== 'ready' || this.clock.monotonicMs() < this.awayUntil;
  }

  /** undefined when Redis did not say in time. */
  private async ask<T>(asked: Promise<T>): Promise<T | undefined> {
    let answer: T | undefined;
    const inTime = await within(
      patienceMs,
      asked.then((found) => (answer = found)),
    );
    if (!inTime || answer === undefined) this.awayUntil = this.clock.monotonicMs() + awayMs;
    return answer;
  }

  private countersOf({ name, points, windowSeconds: duration, inLots }: Allowance): Counters {
    const known = this.counters.get(name);
    if (known) return known;
    const options = { points, duration, keyPrefix: `${this.config.redis.prefix}:limits:${name}` };
    const made: Counters = {
      shared: new RateLimiterRedis({
        ...options,
        storeClient: this.redis,
        // For all of them, because the library defines it as one command of the connection.
        customIncrTtlLuaScript: takeScript,
        // A key that is used up is refused without asking Redis again; one that is refused a large lot may take a small one.
        ...(!inLots && { inMemoryBlockOnConsumed: points + 1 }),
      }),
      own: new RateLimiterMemory(options),
    };
    this.counters.set(name, made);
    return made;
  }
}

const hashed = (key: string): string => hash('sha256', key, 'base64url');

/** The library rejects with the counts where none are left, and with an error where it could not count. */
async function outcome(counted: Promise<RateLimiterRes>): Promise<Count | undefined> {
  try {
    return { allowed: true, counts: await counted };
  } catch (refusal) {
    return refusal instanceof RateLimiterRes ? { allowed: false, counts: refusal } : undefined;
  }
}

/** Fails closed: what could not be counted at all is refused. The counts of a refusal may be empty. */
function takenFrom(allowance: Allowance, count: Count | undefined): Counted {
  const { allowed = false, counts } = count ?? {};
  const resetMs = counts?.msBeforeNext ?? 1_000;
  return {
    allowance,
    allowed,
    remaining: allowed ? Math.max(0, counts?.remainingPoints ?? 0) : 0,
    resetSeconds: Math.max(1, Math.ceil(resetMs / 1_000)),
    resetMs,
  };
}
