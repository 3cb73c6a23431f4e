import type { Allowance, Taken } from '../domain/allowance.js';

type Take = (allowance: Allowance, key: string, count: number) => Promise<Taken>;

interface Waiting {
  count: number;
  settle: (taken: Taken | Promise<Taken>) => void;
}

/** Less than submitting a job takes, in ms: who submits one after the other does not notice. */
const defaultRestMs = 3;

/**
 * Takes of many at once of one allowance and key that come while one is under way, or shortly after it left, go together as one lot:
 * asking costs as much for a hundred as for one. A lot that does not fit is taken apart, so that each of them gets what it
 * would have got alone, in the order in which they came.
 */
export class CoalescedTakes {
  /** By allowance and key; there is an entry while one is under way, and until it has rested. */
  private readonly waiting = new Map<string, Waiting[]>();

  /**
   * @param take must not reject; of a lot that it refuses it takes nothing
   * @param restMs a lot leaves so long after the one before it at least
   */
  constructor(
    private readonly take: Take,
    private readonly restMs = defaultRestMs,
  ) {}

  /** What is said to remain is what remains after all that went together. */
  of(allowance: Allowance, key: string, count: number): Promise<Taken> {
    const name = `${allowance.name} ${key}`;
    const gathered = this.waiting.get(name);
    if (gathered) return new Promise((settle) => gathered.push({ count, settle }));
    this.waiting.set(name, []);
    const rest = this.rest();
    return this.take(allowance, key, count).finally(() => void this.takeGathered(name, allowance, key, rest));
  }

  private async takeGathered(name: string, allowance: Allowance, key: string, first: Promise<void>): Promise<void> {
    await first;
    for (let lot = this.waiting.get(name) ?? []; lot.length > 0; lot = this.waiting.get(name) ?? []) {
      this.waiting.set(name, []);
      const rest = this.rest();
      const total = lot.reduce((sum, { count }) => sum + count, 0);
      const taken = await this.take(allowance, key, total);
      for (const { count, settle } of lot)
        settle(taken.allowed || lot.length === 1 ? taken : this.take(allowance, key, count));
      await rest;
    }
    this.waiting.delete(name);
  }

  private rest(): Promise<void> {
    return this.restMs > 0 ? new Promise((resolve) => setTimeout(resolve, this.restMs)) : Promise.resolve();
  }
}
