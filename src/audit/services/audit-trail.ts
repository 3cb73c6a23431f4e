import { Inject, Injectable } from '@nestjs/common';
import type { Transaction } from '../../kernel/transaction.js';
import type { Target } from '../domain/audit-event.js';
import { entryOf } from '../domain/change.js';
import type { Change } from '../domain/change.js';
import { IAuditEvents } from '../interfaces/audit-events.js';
import { IAuditScopes } from '../interfaces/audit-scopes.js';
import type { IAuditTrail, Witness } from '../interfaces/audit-trail.js';
import { AuditBuffer } from './audit-buffer.js';

@Injectable()
export class AuditTrail implements IAuditTrail {
  constructor(
    @Inject(IAuditEvents) private readonly events: IAuditEvents,
    @Inject(IAuditScopes) private readonly scopes: IAuditScopes,
    private readonly buffer: AuditBuffer,
  ) {}

  async record(tx: Transaction | null, change: Change): Promise<void> {
    const scope = this.scopes.current();
    if (!scope) return;
    const entry = entryOf(scope, change);
    if (tx) await this.events.append(tx, [{ entry, agoMs: 0 }]);
    else await this.buffer.write(entry);
    scope.isRecorded = true;
  }

  capture(): Witness {
    return this.scopes.current() ?? null;
  }

  async recordAll(tx: Transaction, changes: { witness: Witness; change: Change }[]): Promise<void> {
    const witnessed = changes.flatMap(({ witness, change }) => (witness ? [{ witness, change }] : []));
    if (witnessed.length === 0) return;
    const entries = witnessed.map(({ witness, change }) => ({ entry: entryOf(witness, change), agoMs: 0 }));
    await this.events.append(tx, entries);
    for (const { witness } of witnessed) witness.isRecorded = true;
  }

  about(target: Target): void {
    const scope = this.scopes.current();
    if (scope) scope.target = target;
  }
}
