import { Counter } from 'prom-client';
import type { Registry } from 'prom-client';

/**
 * A counter with labels that costs an addition for each event: prom-client looks its labels up each time, here only when the
 * counter is read.
 */
export class BatchedCounter<Label extends string> {
  private readonly counts = new Map<string, { labels: Record<Label, string>; count: number }>();

  /** @param labelNames the labels of each event, whose values must be bounded */
  constructor(
    name: string,
    help: string,
    private readonly labelNames: readonly Label[],
    registry: Registry,
  ) {
    const counter: Counter = new Counter({
      ...{ name, help, labelNames: [...labelNames], registers: [registry] },
      collect: () => {
        for (const tallied of this.counts.values()) {
          counter.inc(tallied.labels, tallied.count);
          tallied.count = 0;
        }
      },
    });
  }

  /** @param values in the order of the label names */
  add(count: number, ...values: string[]): void {
    const key = values.join(' ');
    const tallied = this.counts.get(key);
    if (tallied) tallied.count += count;
    else this.counts.set(key, { labels: this.labelsOf(values), count });
  }

  private labelsOf(values: string[]): Record<Label, string> {
    return Object.fromEntries(this.labelNames.map((name, at) => [name, values[at]])) as Record<Label, string>;
  }
}
