import { Controller, Get, Header, Headers, Inject } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { timingSafeEqual } from 'node:crypto';
import { Config } from '../../config/config.js';
import { Public } from '../../http/decorators/public.decorator.js';
import { DomainError } from '../../kernel/errors.js';
import { ProductMetrics } from '../services/product-metrics.js';

/** For Prometheus, in every role. With `METRICS_TOKEN` set, only for who sends it as a bearer token; in production without it, for nobody. */
@ApiExcludeController()
@Public()
@Controller('metrics')
export class MetricsController {
  constructor(
    private readonly metrics: ProductMetrics,
    @Inject(Config) private readonly config: Config,
  ) {}

  @Get()
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  scrape(@Headers('authorization') authorization?: string): Promise<string> {
    const { production, http } = this.config;
    const { metricsToken } = http;
    if (metricsToken === undefined && production)
      throw new DomainError(
        'unauthenticated',
        'METRICS_TOKEN_NEEDED',
        'Nobody may read this: METRICS_TOKEN is not set.',
      );
    if (metricsToken !== undefined && !sameText(authorization ?? '', `Bearer ${metricsToken}`))
      throw new DomainError('unauthenticated', 'METRICS_TOKEN_NEEDED', 'Send METRICS_TOKEN as a bearer token.');
    return this.metrics.text();
  }
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
