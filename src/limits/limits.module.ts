import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { RedisRateLimiter } from './adapters/redis-rate-limiter.js';
import { RateLimitGuard } from './guards/rate-limits.js';
import { IRateLimiter } from './interfaces/rate-limiter.js';

/** How much one caller may ask for. */
@Module({
  providers: [
    { provide: IRateLimiter, useClass: RedisRateLimiter },
    { provide: APP_GUARD, useClass: RateLimitGuard },
  ],
  exports: [IRateLimiter],
})
export class LimitsModule {}
