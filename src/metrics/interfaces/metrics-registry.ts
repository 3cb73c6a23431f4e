/** Where metrics are kept until they are scraped. */
export interface IMetricsRegistry {
  /** Adds a gauge whose value is asked for when it is scraped. */
  gauge(name: string, help: string, read: () => number): void;
  /** Everything, in Prometheus's text format. */
  text(): Promise<string>;
}
export const IMetricsRegistry = Symbol('IMetricsRegistry');
