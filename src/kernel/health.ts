import { Injectable } from '@nestjs/common';

/** Resolves when the part works, with anything worth showing; rejects with the reason when it does not. */
export type HealthCheck = () => Promise<Record<string, unknown> | void>;

/** What `/health/ready` asks, in the order of registration. A part registers itself when its module starts. */
@Injectable()
export class HealthChecks {
  private readonly checks = new Map<string, HealthCheck>();
  private draining = false;
  private stopping = false;

  register(name: string, check: HealthCheck): void {
    this.checks.set(name, check);
  }

  all(): ReadonlyMap<string, HealthCheck> {
    return this.checks;
  }

  /** From now on the process says that it is not ready, and serves as before: load balancers need time to notice. */
  drain(): void {
    this.draining = true;
  }

  /** From now on the process is not ready: it finishes what it holds and takes nothing new. */
  stop(): void {
    this.draining = true;
    this.stopping = true;
  }

  get isDraining(): boolean {
    return this.draining;
  }

  get isStopping(): boolean {
    return this.stopping;
  }
}
