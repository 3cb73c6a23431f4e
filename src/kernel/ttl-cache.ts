/** Milliseconds for which an answer of the database is believed: so long may what it took back still work elsewhere. */
export const maxAgeMs = 5_000;
export const maxKnown = 10_000;

interface Known<T> {
  /** Monotonic time at which the database was asked. */
  askedAt: number;
  answer: Promise<T>;
  /** Absent until the database has answered. */
  value?: T;
}

/** Remembers answers for {@link maxAgeMs}; many who ask for one thing at once share one question. Bounded. */
export class TtlCache<T> {
  private readonly known = new Map<string, Known<T>>();

  /** @param monotonicMs the clock */
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

  /** What `of` would resolve with at once; undefined: it would have to wait. */
  peek(key: string): T | undefined {
    const known = this.known.get(key);
    return known && this.monotonicMs() - known.askedAt < maxAgeMs ? known.value : undefined;
  }

  /** Forgets what `isAffected`, and what has not been answered yet. */
  forget(isAffected: (value: T) => boolean): void {
    for (const [key, { value }] of this.known) if (value === undefined || isAffected(value)) this.known.delete(key);
  }

  /** A map keeps the order of insertion, so the first is the one that was asked for longest ago. */
  private remember(key: string, fresh: Known<T>): void {
    this.known.delete(key);
    this.known.set(key, fresh);
    const [oldest] = this.known.keys();
    if (this.known.size > maxKnown && oldest !== undefined) this.known.delete(oldest);
  }
}
