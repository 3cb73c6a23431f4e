import type { IClock } from '../../kernel/clock.js';
import type { Allowance, Taken } from '../domain/allowance.js';

/** What was taken, and for how many ms from then on its window lasts. */
export interface Counted extends Taken {
  resetMs: number;
}

interface Ways {
  /** Takes what is not in hand. Must not reject. */
  take: (allowance: Allowance, key: string, count: number) => Promise<Taken>;
  /** Takes for those who will come. Must not reject; what it refuses takes nothing. */
  takeAhead: (allowance: Allowance, key: string, count: number) => Promise<Counted>;
  giveBack: (allowance: Allowance, key: string, count: number) => void;
}

/** As much is taken ahead as has been taken in one to two such spans, in ms; one in which nobody comes ends it. */
const spanMs = 50;
/** Nothing is taken ahead for fewer. */
const leastTaken = 8;
/** What is in hand is no more than such a share of the allowance, and none is taken when less than the other is left of it. */
const largestShare = 0.001;
const leastLeft = 0.1;
/** A window that ends within so many ms may be over when it is given back to: the next one would get it for nothing. */
const edgeMs = 500;

/** Takes of one allowance by one key that come fast. */
interface Flow {
  before: number;
  now: number;
  inHand: number;
  /** Monotonic time at which the window ends that it was taken in, or shortly before. */
  untilMs: number;
  isAsking: boolean;
}

/**
 * Takes that come fast are taken ahead: who comes finds one in hand and waits for no answer. What is taken never exceeds the allowance.
 * What is in hand here is lacking elsewhere for 100 ms after the last came: a thousandth of the allowance, taken while a tenth was left.
 */
export class PrefetchedTakes {
  private readonly flows = new Map<string, Flow>();

  constructor(
    private readonly ways: Ways,
    private readonly clock: Pick<IClock, 'monotonicMs'>,
  ) {}

  /** What is said to remain of what was in hand is a lower bound. */
  async of(allowance: Allowance, key: string, count: number): Promise<Taken> {
    const flow = this.flowOf(allowance, key);
    flow.now += count;
    const leftMs = flow.untilMs - this.clock.monotonicMs();
    if (leftMs > 0 && flow.inHand >= count) {
      flow.inHand -= count;
      this.fillUp(flow, allowance, key);
      return { allowance, allowed: true, remaining: flow.inHand, resetSeconds: Math.ceil(leftMs / 1_000) };
    }
    const taken = await this.ways.take(allowance, key, count);
    if (taken.allowed && hasRoom(taken)) this.fillUp(flow, allowance, key);
    return taken;
  }

  /** How much has been taken for nobody yet. */
  inHand(allowance: Allowance, key: string): number {
    return this.flows.get(nameOf(allowance, key))?.inHand ?? 0;
  }

  /** Forgets what is in hand: what it was taken of has been forgotten. */
  forget(allowance: Allowance, key: string): void {
    this.flows.delete(nameOf(allowance, key));
  }

  private flowOf(allowance: Allowance, key: string): Flow {
    const name = nameOf(allowance, key);
    const known = this.flows.get(name);
    if (known) return known;
    const flow = { before: 0, now: 0, inHand: 0, untilMs: -Infinity, isAsking: false };
    this.flows.set(name, flow);
    this.watch(flow, allowance, key);
    return flow;
  }

  private watch(flow: Flow, allowance: Allowance, key: string): void {
    setTimeout(() => {
      if (flow.now > 0) {
        flow.before = flow.now;
        flow.now = 0;
        this.watch(flow, allowance, key);
      } else this.end(flow, allowance, key);
    }, spanMs).unref();
  }

  private end(flow: Flow, allowance: Allowance, key: string): void {
    if (!this.isCurrent(flow, allowance, key)) return;
    this.flows.delete(nameOf(allowance, key));
    if (flow.inHand > 0 && this.clock.monotonicMs() < flow.untilMs - edgeMs)
      this.ways.giveBack(allowance, key, flow.inHand);
  }

  private fillUp(flow: Flow, allowance: Allowance, key: string): void {
    const askedMs = this.clock.monotonicMs();
    if (askedMs >= flow.untilMs) flow.inHand = 0;
    const taken = flow.before + flow.now;
    const wanted = taken < leastTaken ? 0 : Math.min(taken, Math.floor(allowance.points * largestShare));
    const count = wanted - flow.inHand;
    if (flow.isAsking || count * 2 <= wanted) return;
    flow.isAsking = true;
    void this.ways.takeAhead(allowance, key, count).then((ahead) => {
      flow.isAsking = !hasRoom(ahead);
      if (!ahead.allowed) return;
      if (!this.isCurrent(flow, allowance, key)) this.ways.giveBack(allowance, key, count);
      else this.add(flow, count, askedMs + ahead.resetMs);
    });
  }

  /** What was in hand is of the same window if that has not ended by now. */
  private add(flow: Flow, count: number, untilMs: number): void {
    const isSame = this.clock.monotonicMs() < flow.untilMs;
    flow.inHand = count + (isSame ? flow.inHand : 0);
    flow.untilMs = isSame ? Math.max(flow.untilMs, untilMs) : untilMs;
  }

  private isCurrent(flow: Flow, allowance: Allowance, key: string): boolean {
    return this.flows.get(nameOf(allowance, key)) === flow;
  }
}

const nameOf = ({ name }: Allowance, key: string): string => `${name} ${key}`;

const hasRoom = ({ allowance: { points }, remaining }: Taken): boolean => remaining >= points * leastLeft;
