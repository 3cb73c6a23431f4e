/** How long an answer of the database is used, in ms. A right that one process revokes may work in another for this long. */
export const maxAgeMs = 5_000;
/** Maximum number of answers in the cache. */
export const maxKnown = 10_000;

interface Known<T> {
  /** Monotonic time at which the database was asked. */
  askedAt: number;
  answer: Promise<T>;
  /** Absent until the database has answered. */
  value?: T;
}

/** Caches at most {@link maxKnown} answers for {@link maxAgeMs}. Simultaneous callers with the same key share one query. */
export class TtlCache<T> {
  private readonly known = new Map<string, Known<T>>();

  constructor(private readonly monotonicMs: () => number) {}

  of(key: string, ask: () => Promise<T>): Promise<T> {
    const now = this.monotonicMs();
    const known = this.known.get(key);
    if (known && now - known.askedAt < maxAgeMs) return known.answer;
    const fresh: Known<T> = { askedAt: now, answer: ask() };
    this.remember(key, fresh);
    fresh.answer.then(
      (value) => (fresh.value = value),
      () => this.known.get(key) === fresh && this.known.delete(key),
    );
    return fresh.answer;
  }

  /** The value that `of` would give without a wait; undefined when `of` would have to wait. */
  peek(key: string): T | undefined {
    const known = this.known.get(key);
    return known && this.monotonicMs() - known.askedAt < maxAgeMs ? known.value : undefined;
  }

  /** Removes the values for which `isAffected` is true, and every query that is still open. */
  forget(isAffected: (value: T) => boolean): void {
    for (const [key, { value }] of this.known) if (value === undefined || isAffected(value)) this.known.delete(key);
  }

  /** A map keeps the order of insertion, so its first entry has the oldest query. */
  private remember(key: string, fresh: Known<T>): void {
    this.known.delete(key);
    this.known.set(key, fresh);
    const [oldest] = this.known.keys();
    if (this.known.size > maxKnown && oldest !== undefined) this.known.delete(oldest);
  }
}
