import { Inject, Injectable } from '@nestjs/common';
import { IClock } from '../../kernel/clock.js';
import { HealthChecks } from '../../kernel/health.js';
import type { HealthCheck } from '../../kernel/health.js';

/** A part that does not answer within this many ms is down. */
export const checkTimeoutMs = 2_000;

export interface CheckResult {
  name: string;
  status: 'up' | 'down';
  latencyMs: number;
  /** Code of what is wrong, without addresses or names: the answer is public. */
  error?: string;
  [detail: string]: unknown;
}

export interface Readiness {
  status: 'ok' | 'unavailable' | 'stopping';
  uptimeSeconds: number;
  checks: CheckResult[];
}

/** Asks the parts that registered themselves whether they work. */
@Injectable()
export class ReadinessService {
  private asked?: Promise<CheckResult[]>;

  constructor(
    private readonly health: HealthChecks,
    @Inject(IClock) private readonly clock: IClock,
  ) {}

  /** Whole seconds since this process started. */
  uptimeSeconds(): number {
    return Math.floor(this.clock.monotonicMs() / 1_000);
  }

  /** Every check in the order of registration. They run at the same time, and callers at the same time share one round. */
  async report(): Promise<Readiness> {
    this.asked ??= this.askAll().finally(() => (this.asked = undefined));
    const checks = await this.asked;
    const allUp = checks.every((check) => check.status === 'up');
    const status = this.health.isDraining ? 'stopping' : allUp ? 'ok' : 'unavailable';
    return { status, uptimeSeconds: this.uptimeSeconds(), checks };
  }

  private askAll(): Promise<CheckResult[]> {
    return Promise.all([...this.health.all()].map(([name, check]) => this.ask(name, check)));
  }

  private async ask(name: string, check: HealthCheck): Promise<CheckResult> {
    const start = this.clock.monotonicMs();
    const latencyMs = () => Math.round((this.clock.monotonicMs() - start) * 10) / 10;
    try {
      const details = await withinTime(check);
      const own = { name, status: 'up' as const, latencyMs: latencyMs() };
      return { ...own, ...details, ...own };
    } catch (failure) {
      return { name, status: 'down', latencyMs: latencyMs(), error: codeOf(failure) };
    }
  }
}

async function withinTime(check: HealthCheck) {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error('no answer'), { code: 'TIMEOUT' })), checkTimeoutMs);
  });
  try {
    return await Promise.race([check(), late]);
  } finally {
    clearTimeout(timer);
  }
}

function codeOf(failure: unknown): string {
  const { code, driverError } = (failure ?? {}) as { code?: unknown; driverError?: { code?: unknown } };
  return [code, driverError?.code].find((one) => typeof one === 'string') ?? 'FAILED';
}
