import { Global, Module } from '@nestjs/common';
import { IRunMetrics } from '../runs/interfaces/run-metrics.js';
import { PrometheusMetrics } from './adapters/prometheus-metrics.js';
import { MetricsController } from './controllers/metrics.controller.js';
import { IBacklog } from './interfaces/backlog.js';
import { IMetricsRegistry } from './interfaces/metrics-registry.js';
import { TypeormBacklog } from './repositories/typeorm-backlog.js';
import { ProductMetrics } from './services/product-metrics.js';

/** Global, because runs count through `IRunMetrics`, which only this later feature implements. */
@Global()
@Module({
  controllers: [MetricsController],
  providers: [
    PrometheusMetrics,
    ProductMetrics,
    { provide: IBacklog, useClass: TypeormBacklog },
    { provide: IMetricsRegistry, useExisting: PrometheusMetrics },
    { provide: IRunMetrics, useExisting: PrometheusMetrics },
  ],
  exports: [IRunMetrics],
})
export class MetricsModule {}
