import { Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { RedisRateLimiter } from './adapters/redis-rate-limiter.js';
import { RateLimitInterceptor } from './guards/rate-limits.js';
import { IRateLimiter } from './interfaces/rate-limiter.js';

/** How much one caller may ask for. */
@Module({
  providers: [
    { provide: IRateLimiter, useClass: RedisRateLimiter },
    { provide: APP_INTERCEPTOR, useClass: RateLimitInterceptor },
  ],
  exports: [IRateLimiter],
})
export class LimitsModule {}
