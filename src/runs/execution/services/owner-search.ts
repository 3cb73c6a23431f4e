import type { IRunLeases } from '../interfaces/run-leases.js';
import type { IRunMetrics } from '../../interfaces/run-metrics.js';
import { answer } from './offers.js';
import type { Offer } from './offers.js';

/** An offered run whose owner the caller does not know. */
export type Unowned = Omit<Offer, 'userId'>;

/** Maximum of runs that one statement looks up. */
const maxLookUp = 500;

interface Ways {
  /** Repeats the work until PostgreSQL answers, or rings for the batch when the worker stops. */
  insist(batch: Unowned[], work: () => Promise<void>): Promise<void>;
  found(offers: Offer[]): void;
}

/** Looks up the owners of offered runs, one statement at a time. Doorbells of runs that no longer exist are answered. */
export class OwnerSearch {
  private readonly sought: Unowned[] = [];
  private current: Promise<void> | null = null;

  constructor(
    private readonly leases: Pick<IRunLeases, 'ownersOf'>,
    private readonly metrics: Pick<IRunMetrics, 'stale'>,
    private readonly ways: Ways,
  ) {}

  add(one: Unowned): void {
    this.sought.push(one);
  }

  /** How many runs are not looked up yet. */
  get waiting(): number {
    return this.sought.length;
  }

  /** Resolves when the look-up in flight has been answered; null: none is in flight. */
  get underWay(): Promise<void> | null {
    return this.current;
  }

  search(): void {
    if (this.current || this.sought.length === 0) return;
    this.current = this.lookUp(this.sought.splice(0, maxLookUp));
  }

  takeAll(): Unowned[] {
    return this.sought.splice(0);
  }

  private async lookUp(batch: Unowned[]): Promise<void> {
    const answers: Map<string, string>[] = [];
    await this.ways.insist(batch, async () => {
      const found = await this.leases.ownersOf(batch.map(({ runId }) => runId));
      answers.push(new Map(found.map(({ runId, userId }) => [runId, userId])));
    });
    this.current = null;
    const [owners] = answers;
    if (owners) this.ways.found(this.owned(batch, owners));
    else answer(batch);
  }

  private owned(batch: Unowned[], owners: Map<string, string>): Offer[] {
    const gone = batch.filter(({ runId }) => !owners.has(runId));
    if (gone.length > 0) this.metrics.stale(gone.length);
    answer(gone);
    return batch.flatMap((one) => {
      const userId = owners.get(one.runId);
      return userId === undefined ? [] : [{ ...one, userId }];
    });
  }
}
