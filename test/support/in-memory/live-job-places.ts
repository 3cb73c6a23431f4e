import { isFinished } from '../../../src/jobs/domain/job-status.js';
import { PlacesVoid } from '../../../src/jobs/interfaces/live-job-places.js';
import type { ILiveJobPlaces, PlacesGeneration, PromisedPlaces } from '../../../src/jobs/interfaces/live-job-places.js';
import type { Transaction } from '../../../src/kernel/transaction.js';
import type { ILiveJobs } from '../../../src/quotas/interfaces/live-jobs.js';
import { InMemoryDatabase } from './database.js';
import type { Tables } from './database.js';

/** The database does one thing at a time, so that a count finds no submission under way. */
export class InMemoryLiveJobPlaces implements ILiveJobPlaces, ILiveJobs {
  private readonly known = new Map<string, { generation: number; promised: number }>();

  constructor(private readonly database: InMemoryDatabase) {}

  async promise(userId: string, count: number, limit: number): Promise<PlacesGeneration | null> {
    const places = this.known.get(userId);
    if (!places || places.promised + count > limit) return null;
    places.promised += count;
    return String(places.generation);
  }

  recount(userId: string, atMost: number): Promise<number> {
    return this.database.change((tables) => this.countAnew(tables, userId, 0, atMost));
  }

  async recountAlone(tx: Transaction, userId: string, adding: number, atMost: number): Promise<number> {
    return this.countAnew(InMemoryDatabase.of(tx), userId, adding, atMost);
  }

  async hold(_: Transaction, promises: readonly PromisedPlaces[]): Promise<void> {
    const counts = ({ userId, generation }: PromisedPlaces) =>
      String(this.known.get(userId)?.generation) === generation;
    if (!promises.every(counts)) throw new PlacesVoid();
  }

  count(userId: string, atMost: number): Promise<number> {
    return this.database.read((tables) => liveOf(tables, userId, atMost));
  }

  private countAnew(tables: Tables, userId: string, adding: number, atMost: number): number {
    const live = liveOf(tables, userId, atMost);
    const promised = live + adding <= atMost ? live + adding : live;
    this.known.set(userId, { generation: (this.known.get(userId)?.generation ?? 0) + 1, promised });
    return live;
  }
}

const liveOf = ({ jobs }: Tables, userId: string, atMost: number): number =>
  Math.min(atMost, [...jobs.values()].filter((job) => job.userId === userId && !isFinished(job.status)).length);
