import { Injectable } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { IHandlerMetrics } from '../../handlers/interfaces/handler-metrics.js';
import type { IRetentionMetrics } from '../../retention/interfaces/retention-metrics.js';
import { executionStatuses } from '../../runs/domain/execution.js';
import type { ExecutionStatus } from '../../runs/domain/execution.js';
import { runTriggers } from '../../runs/domain/run.js';
import type { RunTrigger } from '../../runs/domain/run.js';
import { isFinal, runStates } from '../../runs/domain/run-state.js';
import type { RunState } from '../../runs/domain/run-state.js';
import type { IRunMetrics } from '../../runs/interfaces/run-metrics.js';
import type { IMetricsRegistry } from '../interfaces/metrics-registry.js';
import { UnlabelledHistogram } from './unlabelled-histogram.js';
import { BatchedCounter } from './batched-counter.js';

const latenessBuckets = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const durationBuckets = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800];

/** Every metric of the product, with bounded labels only; docs/operations.md says what to do when one rises. Seconds. */
@Injectable()
export class PrometheusMetrics implements IRunMetrics, IHandlerMetrics, IRetentionMetrics, IMetricsRegistry {
  private readonly registry = new Registry();

  private readonly lateness = new UnlabelledHistogram({
    name: 'scheduler_lateness_seconds',
    help: 'Start of an attempt minus the time it was due.',
    buckets: latenessBuckets,
    registers: [this.registry],
  });
  private readonly queueWait = new UnlabelledHistogram({
    name: 'scheduler_queue_wait_seconds',
    help: 'From when an attempt was due until a worker had claimed it.',
    buckets: latenessBuckets,
    registers: [this.registry],
  });
  private readonly duration = new UnlabelledHistogram({
    name: 'scheduler_run_duration_seconds',
    help: 'Time a handler took.',
    buckets: durationBuckets,
    registers: [this.registry],
  });
  private readonly ticks = new Histogram({
    name: 'scheduler_tick_seconds',
    help: 'Time that a round of the ticker took which had jobs to plan.',
    buckets: durationBuckets,
    registers: [this.registry],
  });
  private readonly planned = this.counter('scheduler_planned_jobs_total', 'Recurring jobs that were planned further.');
  private readonly runs = new BatchedCounter(
    'scheduler_runs_total',
    'Runs that have reached a final state.',
    ['state', 'trigger'],
    this.registry,
  );
  private readonly attempts = new BatchedCounter(
    'scheduler_attempts_total',
    'Attempts that have ended, by how.',
    ['outcome'],
    this.registry,
  );
  private readonly fencedTotal = this.counter(
    'scheduler_fenced_total',
    'Settlements refused: their lease token was old.',
  );
  private readonly leaseLostTotal = this.counter(
    'scheduler_lease_lost_total',
    'Handlers aborted: their lease was gone.',
  );
  private readonly leaseExpiredTotal = this.counter('scheduler_lease_expired_total', 'Leases found expired.');
  private readonly recoveredTotal = this.counter('scheduler_recovered_total', 'Attempts of dead workers taken over.');
  private readonly staleTotal = this.counter('scheduler_stale_doorbells_total', 'Doorbells that led to no claim.');
  private readonly heldUpTotal = this.counter(
    'scheduler_held_up_starts_total',
    'Looks at a due run whose job somebody else had locked.',
  );
  private readonly abandonedTotal = this.counter(
    'scheduler_abandoned_handlers_total',
    'Handlers that ignored their abort signal.',
  );
  private abandonedNow = 0;
  private readonly rungTotal = this.counter(
    'scheduler_rings_total',
    'Runs that workers were called for: by doorbells, or at hand in the same process.',
  );
  private readonly prunedTotal = new Counter({
    name: 'scheduler_pruned_total',
    help: 'Rows that were older than they are kept, and are gone.',
    labelNames: ['what'],
    registers: [this.registry],
  });
  private readonly pruneSteps = new Histogram({
    name: 'scheduler_prune_step_seconds',
    help: 'Time that a step of pruning took.',
    labelNames: ['what'],
    buckets: durationBuckets,
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    this.gauge('scheduler_abandoned_handlers', 'Abandoned handlers still at work.', () => this.abandonedNow);
    // A series that appears with its first event hides that event from `rate()` and `increase()`.
    for (const outcome of executionStatuses.filter((status) => status !== 'running')) this.attempts.add(0, outcome);
    for (const state of runStates.filter(isFinal)) for (const trigger of runTriggers) this.runs.add(0, state, trigger);
  }

  called(waitedMs: number): void {
    this.queueWait.count(Math.max(waitedMs, 0) / 1_000);
  }

  abandoned(): void {
    this.abandonedTotal.inc();
    this.abandonedNow += 1;
  }

  abandonedEnded(): void {
    this.abandonedNow -= 1;
  }

  leasesExpired(count: number): void {
    this.leaseExpiredTotal.inc(count);
  }

  started(latenessMs: number): void {
    this.lateness.count(Math.max(latenessMs, 0) / 1_000);
  }

  settled(attempt: { status: ExecutionStatus; durationMs: number; state: RunState; trigger: RunTrigger }): void {
    this.attempts.add(1, attempt.status);
    this.duration.count(attempt.durationMs / 1_000);
    if (isFinal(attempt.state)) this.runs.add(1, attempt.state, attempt.trigger);
  }

  endedUnbegun(state: RunState, trigger: RunTrigger): void {
    this.runs.add(1, state, trigger);
  }

  fenced(): void {
    this.fencedTotal.inc();
  }

  leaseLost(): void {
    this.leaseLostTotal.inc();
  }

  recovered(count: number): void {
    this.recoveredTotal.inc(count);
  }

  stale(count: number): void {
    this.staleTotal.inc(count);
  }

  heldUp(count: number): void {
    this.heldUpTotal.inc(count);
  }

  ticked(durationMs: number, jobs: number): void {
    if (jobs === 0) return;
    this.ticks.observe(durationMs / 1_000);
    this.planned.inc(jobs);
  }

  rung(count: number): void {
    this.rungTotal.inc(count);
  }

  pruned(what: string, rows: number, durationMs: number): void {
    this.prunedTotal.inc({ what }, rows);
    this.pruneSteps.observe({ what }, durationMs / 1_000);
  }

  gauge(name: string, help: string, read: () => number): void {
    const gauge: Gauge = new Gauge({ name, help, registers: [this.registry], collect: () => gauge.set(read()) });
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }

  private counter(name: string, help: string): Counter {
    return new Counter({ name, help, registers: [this.registry] });
  }
}
