import type { AuditEntry } from './audit-event.js';
import { nobody } from './audit-event.js';

/** For so long, in ms, refusals share one allowance of rows. */
export const windowMs = 60_000;
/** Equal refusals of a window that get a row each; the others share one. */
const alone = 20;

/** An entry, and the monotonic time in ms at which it happened. */
export interface Noted {
  entry: AuditEntry;
  atMs: number;
}

interface Kind {
  times: number;
  folded: Noted | null;
}

/**
 * Makes many refusals few rows. In each minute at most `perMinute` rows come out: the first twenty equal ones each have
 * one, further ones of the same kind share one that counts them. What finds no place is counted in one more row,
 * `audit.entries_dropped`, so that the log itself says what it lacks. Nothing is lost from the sum of the counts.
 */
export class RefusalTally {
  private startedAtMs: number | null = null;
  private rows = 0;
  private kinds = new Map<string, Kind>();
  private ready: Noted[] = [];
  private dropped: Noted | null = null;

  /** @param perMinute rows at most, from 1 */
  constructor(private readonly perMinute: number) {}

  /** @param atMs monotonic time */
  take(entry: AuditEntry, atMs: number): void {
    this.turn(atMs);
    this.startedAtMs ??= atMs;
    const kind = this.kinds.get(keyOf(entry)) ?? { times: 0, folded: null };
    if (kind.folded) {
      kind.folded = { entry: { ...kind.folded.entry, count: kind.folded.entry.count + entry.count }, atMs };
      return;
    }
    if (this.rows === this.perMinute) return this.drop(entry.count, atMs);
    this.rows += 1;
    kind.times += 1;
    this.kinds.set(keyOf(entry), kind);
    if (kind.times > alone) kind.folded = { entry, atMs };
    else this.ready.push({ entry, atMs });
  }

  /** Counts as dropped what could not be written. */
  drop(count: number, atMs: number): void {
    this.startedAtMs ??= atMs;
    const before = this.dropped?.entry.count ?? 0;
    this.dropped = { entry: { ...lacking, count: before + count }, atMs };
  }

  /** Takes out what is to be written now. What still counts comes with the end of its minute, or with `all`. */
  drain(nowMs: number, all = false): Noted[] {
    this.turn(nowMs, all);
    const { ready } = this;
    this.ready = [];
    return ready;
  }

  /** Ms until something that still counts is to be written; null when there is nothing of the kind. */
  waitMs(nowMs: number): number | null {
    if (this.startedAtMs === null) return null;
    const counts = this.dropped ?? [...this.kinds.values()].find(({ folded }) => folded);
    return counts ? Math.max(0, this.startedAtMs + windowMs - nowMs) : null;
  }

  /** Ends a window that is over. */
  private turn(nowMs: number, force = false): void {
    if (this.startedAtMs === null || (!force && nowMs - this.startedAtMs < windowMs)) return;
    for (const { folded } of this.kinds.values()) if (folded) this.ready.push(folded);
    if (this.dropped) this.ready.push(this.dropped);
    this.kinds = new Map();
    this.dropped = null;
    this.rows = 0;
    this.startedAtMs = null;
  }
}

const keyOf = ({ action, reason, userId, credentialId, target, address }: AuditEntry): string =>
  JSON.stringify([action, reason, userId, credentialId, target?.kind, target?.id, address]);

const lacking: AuditEntry = {
  ...nobody,
  action: 'audit.entries_dropped',
  outcome: 'refused',
  reason: null,
  target: null,
  before: null,
  after: null,
  address: null,
  requestId: null,
  count: 0,
};
