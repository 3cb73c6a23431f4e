import { Inject, Injectable, Logger } from '@nestjs/common';
import { Config } from '../../config/config.js';
import { IClock } from '../../kernel/clock.js';
import type { AuditEntry } from '../domain/audit-event.js';
import { RefusalTally } from '../domain/refusal-tally.js';
import type { Noted } from '../domain/refusal-tally.js';
import { IAuditEvents } from '../interfaces/audit-events.js';

/** Ms for which refusals are gathered before they are written together. */
const gatherMs = 250;
/** Ms before a write that failed is tried again. */
const retryMs = 2_000;

/**
 * Entries that no transaction carries. Refusals are gathered and written behind the answers, so that a flood of them
 * neither slows an answer nor fills the table; a change that is done already is written at once, or kept until it can be.
 */
@Injectable()
export class AuditBuffer {
  private readonly logger = new Logger('AuditBuffer');
  private readonly tally: RefusalTally;
  private readonly most: number;
  private waiting: Noted[] = [];
  private timer: NodeJS.Timeout | undefined;
  private dueAtMs = Infinity;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    @Inject(IAuditEvents) private readonly events: IAuditEvents,
    @Inject(IClock) private readonly clock: IClock,
    @Inject(Config) { audit }: Config,
  ) {
    this.tally = new RefusalTally(audit.refusalsPerMinute);
    this.most = audit.refusalsPerMinute * 2;
  }

  /** Takes a refusal in; it is written shortly, and bounded as {@link RefusalTally} says. */
  refuse(entry: AuditEntry): void {
    this.tally.take(entry, this.clock.monotonicMs());
    this.flushIn(gatherMs);
  }

  /** Writes an entry. Resolves also when the store does not take it: what it tells of has happened, so it waits. */
  async write(entry: AuditEntry): Promise<void> {
    const atMs = this.clock.monotonicMs();
    try {
      await this.events.append(null, [{ entry, agoMs: 0 }]);
    } catch (error) {
      this.logger.warn(`${entry.action} cannot be written yet: ${String(error)}`);
      this.keep([{ entry, atMs }]);
      this.flushIn(retryMs);
    }
  }

  /**
   * Writes what has been gathered; one write at a time.
   * @param all also what still counts; for the end of the process
   */
  flush(all = false): Promise<void> {
    this.writing = this.writing.then(() => this.writeGathered(all));
    return this.writing;
  }

  private async writeGathered(all: boolean): Promise<void> {
    const now = this.clock.monotonicMs();
    const gathered = [...this.waiting, ...this.tally.drain(now, all)];
    this.waiting = [];
    if (gathered.length > 0)
      try {
        const entries = gathered.map(({ entry, atMs }) => ({ entry, agoMs: now - atMs }));
        await this.events.append(null, entries);
      } catch (error) {
        this.logger.warn(`${gathered.length} entries cannot be written yet: ${String(error)}`);
        this.keep(gathered);
        this.flushIn(retryMs);
      }
    const waitMs = this.tally.waitMs(this.clock.monotonicMs());
    if (waitMs !== null) this.flushIn(waitMs);
  }

  /** Keeps what could not be written, within bounds: the oldest give way, and are counted. */
  private keep(entries: readonly Noted[]): void {
    const all = [...entries, ...this.waiting];
    const tooMany = all.splice(0, Math.max(0, all.length - this.most));
    const lost = tooMany.reduce((sum, { entry }) => sum + entry.count, 0);
    this.waiting = all;
    if (lost === 0) return;
    this.logger.error(`${lost} entries are lost: the store has taken none for too long`);
    this.tally.drop(lost, this.clock.monotonicMs());
  }

  private flushIn(ms: number): void {
    const dueAtMs = this.clock.monotonicMs() + ms;
    if (this.timer && this.dueAtMs <= dueAtMs) return;
    clearTimeout(this.timer);
    this.dueAtMs = dueAtMs;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.flush();
    }, ms).unref();
  }
}
