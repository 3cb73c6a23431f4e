import { shareOf } from '../domain/fair-share.js';

/** A doorbell. It is answered when each of its runs has been claimed, needs no claim, or is held back for its owner's share. */
export interface Bell {
  left: number;
  answered: () => void;
}

/** A run that was offered to a worker and is not claimed yet. */
export interface Offer {
  runId: string;
  /** Owner of its job. */
  userId: string;
  /** null: the doorbell has been answered. */
  bell: Bell | null;
  /** How many times its job was found locked at the gate. */
  looks: number;
}

interface OwnersOffers {
  /** Offers with unanswered doorbells, in the order in which they came. */
  fresh: Offer[];
  /** Runs whose doorbells have been answered: `looks` by run id, in the order in which they came. */
  held: Map<string, number>;
}

/** Maximum of runs that are held back, of all owners together: about 10 MB. */
const maxHeldBack = 64_000;

/**
 * Runs that were offered to a worker and are not claimed yet, by owner, so that no owner waits behind the backlog of another.
 * While the worker is full, doorbells stay unanswered, and Bull gives later doorbells to other workers. While an owner has only
 * its own share in use, the doorbells of that owner are answered, because those of other owners come after them in the queue. Its
 * runs are held back here, up to `maxHeldBack`. A run that is held back or dropped is still owed a doorbell by its row, and workers
 * with free slots find it.
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

  /** Takes up to `max` offers of an owner, the oldest first. The owner's next turn comes after those of the others. */
  take(userId: string, max: number): Offer[] {
    const owner = this.owners.get(userId);
    if (!owner || max <= 0) return [];
    const taken: Offer[] = [];
    for (const [runId, looks] of owner.held) {
      if (taken.length >= max) break;
      owner.held.delete(runId);
      taken.push({ runId, userId, bell: null, looks });
    }
    this.heldCount -= taken.length;
    const fresh = owner.fresh.splice(0, max - taken.length);
    this.freshCount -= fresh.length;
    this.owners.delete(userId);
    if (owner.fresh.length + owner.held.size > 0) this.owners.set(userId, owner);
    return taken.concat(fresh);
  }

  /** Answers the doorbells of owners that get no handler slot now although others would, and holds their runs back. */
  holdBack(getsNone: (userId: string) => boolean): void {
    if (this.freshCount === 0) return;
    for (const [userId, { fresh, held }] of this.owners) {
      if (fresh.length === 0 || !getsNone(userId)) continue;
      const max = shareOf(maxHeldBack, this.heldCount - held.size);
      for (const { runId, looks } of fresh) {
        // A run that is held back already may be rung for again.
        if (held.has(runId) || held.size >= max) continue;
        held.set(runId, looks);
        this.heldCount += 1;
      }
      this.freshCount -= fresh.length;
      answer(fresh.splice(0));
    }
  }

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

  /** All offers of an owner. */
  of(userId: string): number {
    const owner = this.owners.get(userId);
    return owner ? owner.fresh.length + owner.held.size : 0;
  }
}

/** Marks the offers as done. A doorbell with no open offer left is answered. */
export function answer(offers: { bell: Bell | null }[]): void {
  for (const { bell } of offers) {
    if (!bell) continue;
    bell.left -= 1;
    if (bell.left === 0) bell.answered();
  }
}
