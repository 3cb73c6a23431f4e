import { Global, Module } from '@nestjs/common';
import { IHandlerMetrics } from '../handlers/interfaces/handler-metrics.js';
import { IRetentionMetrics } from '../retention/interfaces/retention-metrics.js';
import { IRunMetrics } from '../runs/interfaces/run-metrics.js';
import { PrometheusMetrics } from './adapters/prometheus-metrics.js';
import { MetricsController } from './controllers/metrics.controller.js';
import { IBacklog } from './interfaces/backlog.js';
import { IMetricsRegistry } from './interfaces/metrics-registry.js';
import { IPoolUse } from './interfaces/pool-use.js';
import { TypeormPoolUse } from './adapters/typeorm-pool-use.js';
import { TypeormBacklog } from './repositories/typeorm-backlog.js';
import { ProductMetrics } from './services/product-metrics.js';

/** Global, because runs and retention count through ports that only this later feature implements. */
@Global()
@Module({
  controllers: [MetricsController],
  providers: [
    PrometheusMetrics,
    ProductMetrics,
    { provide: IBacklog, useClass: TypeormBacklog },
    { provide: IMetricsRegistry, useExisting: PrometheusMetrics },
    { provide: IRunMetrics, useExisting: PrometheusMetrics },
    { provide: IRetentionMetrics, useExisting: PrometheusMetrics },
    { provide: IHandlerMetrics, useExisting: PrometheusMetrics },
    { provide: IPoolUse, useClass: TypeormPoolUse },
  ],
  exports: [IRunMetrics, IHandlerMetrics, IRetentionMetrics],
})
export class MetricsModule {}
