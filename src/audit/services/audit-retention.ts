import { Inject, Injectable } from '@nestjs/common';
import { Config } from '../../config/config.js';
import type { Prunable, PruneStep } from '../../kernel/retention.js';
import { IAuditEvents } from '../interfaces/audit-events.js';

/** Forgets what is older than the operator wants kept; the store lets nothing younger go. */
@Injectable()
export class AuditRetention implements Prunable {
  readonly name = 'audit_events';
  private readonly keepDays: number;

  constructor(
    @Inject(IAuditEvents) private readonly events: IAuditEvents,
    @Inject(Config) { audit }: Config,
  ) {
    this.keepDays = audit.keepDays;
  }

  async prune(_after: string | null, limit: number): Promise<PruneStep> {
    if (this.keepDays === 0) return { deleted: 0, next: null };
    const deleted = await this.events.prune(this.keepDays, limit);
    return { deleted, next: deleted === limit ? 'older' : null };
  }
}
