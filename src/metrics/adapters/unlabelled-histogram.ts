import { Histogram } from 'prom-client';
import type { HistogramConfiguration } from 'prom-client';

type Configuration = Omit<HistogramConfiguration<never>, 'labelNames' | 'collect'> & { buckets: number[] };

/** prom-client's histogram without labels, of which an observation costs an addition: its own looks up labels that are not there. */
export class UnlabelledHistogram extends Histogram {
  /** How many values were within each bound and above those before it; the last: above all. */
  private readonly counts: number[];
  private sum = 0;

  /** @param configuration its buckets in rising order */
  constructor(private readonly configuration: Configuration) {
    super(configuration);
    this.counts = new Array<number>(configuration.buckets.length + 1).fill(0);
  }

  count(value: number): void {
    const { buckets } = this.configuration;
    let at = 0;
    while (at < buckets.length && value > buckets[at]!) at += 1;
    this.counts[at]! += 1;
    this.sum += value;
  }

  /** What the registry, and prom-client's own `get`, make their output of. */
  async getForPromString() {
    const { name, help, buckets } = this.configuration;
    const sharedLabels = {};
    let within = 0;
    const counted = this.counts.map((count, at) => {
      within += count;
      return { metricName: `${name}_bucket`, labels: { le: buckets[at] ?? '+Inf' }, sharedLabels, value: within };
    });
    const values = [
      ...counted,
      { metricName: `${name}_sum`, labels: {}, sharedLabels, value: this.sum },
      { metricName: `${name}_count`, labels: {}, sharedLabels, value: within },
    ];
    return { name, help, type: 'histogram', aggregator: 'sum', values };
  }
}
