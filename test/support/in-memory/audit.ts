import type { AuditEvent, AuditFilter } from '../../../src/audit/domain/audit-event.js';
import type { AuditPosition, IAuditEvents, PastEntry } from '../../../src/audit/interfaces/audit-events.js';
import type { IAuditTrail } from '../../../src/audit/interfaces/audit-trail.js';
import { newId } from '../../../src/kernel/ids.js';
import type { Transaction } from '../../../src/kernel/transaction.js';

/** For use cases whose audit log is not looked at. */
export const silentTrail: IAuditTrail = {
  record: async () => undefined,
  capture: () => null,
  recordAll: async () => undefined,
  about: () => undefined,
};

const dayMs = 86_400_000;
const leastDays = 30;

export class InMemoryAuditEvents implements IAuditEvents {
  readonly events: AuditEvent[] = [];

  constructor(private readonly clock: { now(): Date }) {}

  async append(_tx: Transaction | null, entries: readonly PastEntry[]): Promise<void> {
    for (const { entry, agoMs } of entries) {
      const at = new Date(Math.round(this.clock.now().getTime() - agoMs));
      this.events.push({ ...structuredClone(entry), id: newId(), at });
    }
  }

  async list(filter: AuditFilter, limit: number, after: AuditPosition | null): Promise<AuditEvent[]> {
    return this.events
      .filter((event) => fits(event, filter))
      .filter((event) => !after || compare(event, after) < 0)
      .sort((a, b) => compare(b, a))
      .slice(0, limit);
  }

  async prune(keepDays: number, most: number): Promise<number> {
    const before = this.clock.now().getTime() - Math.max(keepDays, leastDays) * dayMs;
    const old = this.events.filter(({ at }) => at.getTime() < this.clock.now().getTime() - keepDays * dayMs);
    if (old.some(({ at }) => at.getTime() >= before)) throw new Error('audit_events only grows: DELETE is refused');
    const gone = new Set(old.sort(compare).slice(0, most));
    this.events.splice(0, Infinity, ...this.events.filter((event) => !gone.has(event)));
    return gone.size;
  }
}

const compare = (a: AuditPosition, b: AuditPosition): number =>
  a.at.getTime() - b.at.getTime() || (a.id < b.id ? -1 : Number(a.id > b.id));

function fits({ userId, action, outcome, target, at }: AuditEvent, filter: AuditFilter): boolean {
  const seen = { userId, action, outcome, targetKind: target?.kind, targetId: target?.id };
  const asked = ['userId', 'action', 'outcome', 'targetKind', 'targetId'] as const;
  const inside = (!filter.from || at >= filter.from) && (!filter.to || at < filter.to);
  return inside && asked.every((field) => filter[field] === undefined || filter[field] === seen[field]);
}
