import type { Allowance, Taken } from '../../../src/limits/domain/allowance.js';
import type { IRateLimiter } from '../../../src/limits/interfaces/rate-limiter.js';

/** Counts in one window that never ends. */
export class InMemoryRateLimiter implements IRateLimiter {
  private readonly counts = new Map<string, number>();

  async take(allowance: Allowance, key: string, count = 1): Promise<Taken> {
    const taken = (this.counts.get(nameOf(allowance, key)) ?? 0) + count;
    const allowed = taken <= allowance.points;
    if (allowed) this.counts.set(nameOf(allowance, key), taken);
    const remaining = allowed ? allowance.points - taken : 0;
    return { allowance, allowed, remaining, resetSeconds: allowance.windowSeconds };
  }

  async used(allowance: Allowance, key: string): Promise<number> {
    return this.counts.get(nameOf(allowance, key)) ?? 0;
  }

  giveBack(allowance: Allowance, key: string): void {
    const name = nameOf(allowance, key);
    this.counts.set(name, (this.counts.get(name) ?? 0) - 1);
  }

  forget(allowance: Allowance, key: string): void {
    this.counts.delete(nameOf(allowance, key));
  }
}

const nameOf = ({ name }: Allowance, key: string): string => `${name} ${key}`;
