import { Inject, Injectable } from '@nestjs/common';
import { IClock } from '../../kernel/clock.js';
import { LeaseKeeper } from '../../runs/execution/services/lease-keeper.js';
import { RunWorker } from '../../runs/execution/services/run-worker.js';
import { IBacklog } from '../interfaces/backlog.js';
import type { Backlog } from '../interfaces/backlog.js';
import { IPoolUse } from '../interfaces/pool-use.js';
import { IMetricsRegistry } from '../interfaces/metrics-registry.js';

const nothing: Backlog = {
  overdue: 0,
  oldestOverdueSeconds: 0,
  running: 0,
  plannerLagSeconds: 0,
  missingTimes: 0,
  violations: 0,
};

/** Counters of this process, and gauges of what waits in PostgreSQL. */
@Injectable()
export class ProductMetrics {
  private backlog: Backlog = nothing;
  private isBacklogKnown = false;

  constructor(
    @Inject(IMetricsRegistry) private readonly metrics: IMetricsRegistry,
    @Inject(IBacklog) private readonly reader: IBacklog,
    @Inject(IClock) private readonly clock: IClock,
    @Inject(IPoolUse) pool: IPoolUse,
    keeper: LeaseKeeper,
    worker: RunWorker,
  ) {
    const gauge = (name: string, help: string, read: () => number): void => metrics.gauge(name, help, read);
    gauge('scheduler_overdue_runs', 'Runs that are due and have not started.', () => this.backlog.overdue);
    gauge(
      'scheduler_oldest_overdue_age_seconds',
      'Age of the oldest of them.',
      () => this.backlog.oldestOverdueSeconds,
    );
    gauge('scheduler_running_runs', 'Runs with a live attempt, on all workers.', () => this.backlog.running);
    gauge('scheduler_planner_lag_seconds', 'How far planning lies behind.', () => this.backlog.plannerLagSeconds);
    gauge('scheduler_missing_times', 'Times that the last audit found without a row.', () => this.backlog.missingTimes);
    gauge('scheduler_audit_violations', 'Broken invariants that the last audit found.', () => this.backlog.violations);
    gauge('scheduler_held_runs', 'Runs that this process holds a lease on.', () => keeper.size);
    gauge(
      'scheduler_held_back_runs',
      "Due runs that wait in this process for their owner's share of its places.",
      () => worker.heldBack,
    );
    gauge('scheduler_database_up', 'Whether PostgreSQL answered this scrape.', () => (this.isBacklogKnown ? 1 : 0));
    gauge('scheduler_pool_size', 'Connections to PostgreSQL that this process may open.', () => pool.read().size);
    gauge('scheduler_pool_used', 'Connections that statements and transactions hold.', () => pool.read().used);
    gauge('scheduler_pool_waiting', 'Statements and transactions that wait for one.', () => pool.read().waiting);
  }

  /** In Prometheus's text format; answers also while PostgreSQL is away. */
  async text(): Promise<string> {
    const backlog = await this.reader.read(this.clock.monotonicMs()).catch(() => null);
    this.isBacklogKnown = backlog !== null;
    this.backlog = backlog ?? nothing;
    return this.metrics.text();
  }
}
