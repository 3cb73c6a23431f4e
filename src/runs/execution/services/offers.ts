import { shareOf } from '../domain/fair-share.js';

/** A doorbell that is answered when each of its runs has been claimed, need not be, or waits for its owner's share. */
export interface Bell {
  left: number;
  answered: () => void;
}

/** A run that a worker was called for and has not claimed. */
export interface Offer {
  runId: string;
  /** Whose it is. */
  userId: string;
  /** null: it has been answered. */
  bell: Bell | null;
  /** How many looks at the gate have found its job locked. */
  looks: number;
}

interface OwnersOffers {
  /** Whose doorbells are unanswered, in their order. */
  fresh: Offer[];
  /** Ids of runs whose doorbells have been answered, with their looks, in their order. */
  held: Map<string, number>;
}

/** Runs that may be held back at most: some 10 MB. */
const mostHeld = 64_000;

/**
 * What a worker was called for and has not claimed yet, by owner, so that nobody stands behind somebody else's backlog. While the
 * worker is full, doorbells stay unanswered and the dispatcher keeps those that follow for others. While only an owner's share is
 * taken, its doorbells are answered, for those of others come after them, and its runs are held back here, up to a bound. What is held
 * back or dropped is still owed a doorbell by its row, and found by workers that have nothing else to do.
 */
export class Offers {
  private readonly owners = new Map<string, OwnersOffers>();
  private freshCount = 0;
  private heldCount = 0;

  add(offer: Offer): void {
    const owner = this.owners.get(offer.userId);
    if (owner) owner.fresh.push(offer);
    else this.owners.set(offer.userId, { fresh: [offer], held: new Map() });
    this.freshCount += 1;
  }

  /** Owners with offers, in the order of their turns. */
  get userIds(): string[] {
    return [...this.owners.keys()];
  }

  /** Takes up to `most` of an owner's, the oldest first; it stands behind the other owners then. */
  take(userId: string, most: number): Offer[] {
    const owner = this.owners.get(userId);
    if (!owner || most <= 0) return [];
    const taken: Offer[] = [];
    for (const [runId, looks] of owner.held) {
      if (taken.length >= most) break;
      owner.held.delete(runId);
      taken.push({ runId, userId, bell: null, looks });
    }
    this.heldCount -= taken.length;
    const fresh = owner.fresh.splice(0, most - taken.length);
    this.freshCount -= fresh.length;
    this.owners.delete(userId);
    if (owner.fresh.length + owner.held.size > 0) this.owners.set(userId, owner);
    return taken.concat(fresh);
  }

  /** Answers the doorbells of owners that get no place now although others would, and holds their runs back. */
  holdBack(getsNone: (userId: string) => boolean): void {
    if (this.freshCount === 0) return;
    for (const [userId, { fresh, held }] of this.owners) {
      if (fresh.length === 0 || !getsNone(userId)) continue;
      const most = shareOf(mostHeld, this.heldCount - held.size);
      for (const { runId, looks } of fresh) {
        // Whoever is held back already is rung for again at times.
        if (held.has(runId) || held.size >= most) continue;
        held.set(runId, looks);
        this.heldCount += 1;
      }
      this.freshCount -= fresh.length;
      answer(fresh.splice(0));
    }
  }

  /** Takes all of them. */
  takeAll(): Offer[] {
    return this.userIds.flatMap((userId) => this.take(userId, Infinity));
  }

  /** Offers whose doorbells are unanswered. */
  get fresh(): number {
    return this.freshCount;
  }

  /** Runs that are held back. */
  get held(): number {
    return this.heldCount;
  }

  /** All of an owner's. */
  of(userId: string): number {
    const owner = this.owners.get(userId);
    return owner ? owner.fresh.length + owner.held.size : 0;
  }
}

/** Counts these as seen to by their doorbells. */
export function answer(offers: { bell: Bell | null }[]): void {
  for (const { bell } of offers) {
    if (!bell) continue;
    bell.left -= 1;
    if (bell.left === 0) bell.answered();
  }
}
