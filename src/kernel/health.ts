import { Injectable } from '@nestjs/common';

/** Resolves when the part works, with details to show; rejects with the reason when it does not. */
export type HealthCheck = () => Promise<Record<string, unknown> | void>;

/** The checks that `/health/ready` runs, in the order of registration. A part registers itself when its module starts. */
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

  /** From now on the process reports that it is not ready, but serves as before: load balancers need time to react. */
  drain(): void {
    this.draining = true;
  }

  /** From now on the process is not ready: it finishes the work that it holds and accepts no more. */
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
