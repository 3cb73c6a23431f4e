import { Inject, Injectable } from '@nestjs/common';
import { cursorAt, positionOf } from '../../kernel/cursor.js';
import type { Walk } from '../../kernel/cursor.js';
import { invalid } from '../../kernel/errors.js';
import type { AuditEvent, AuditFilter } from '../domain/audit-event.js';
import { IAuditEvents } from '../interfaces/audit-events.js';
import type { AuditPosition } from '../interfaces/audit-events.js';

const positionParts = [/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/, /^[0-9a-f-]{36}$/];

@Injectable()
export class AuditQueries {
  constructor(@Inject(IAuditEvents) private readonly events: IAuditEvents) {}

  /**
   * The latest first.
   * @param cursor of an earlier answer to the same filter; null starts at the latest
   * @throws DomainError `INVALID_CURSOR`; invalid when `from` does not lie before `to`
   */
  async list(filter: AuditFilter, limit: number, cursor: string | null): Promise<Walk<AuditEvent>> {
    if (filter.from && filter.to && filter.from >= filter.to)
      throw invalid([{ pointer: '/from', detail: 'from must lie before to.' }]);
    const after = cursor === null ? null : placeOf(cursor, filter);
    const found = await this.events.list(filter, limit + 1, after);
    const data = found.slice(0, limit);
    const last = data.at(-1);
    const nextCursor = found.length > limit && last ? cursorAt([last.at.toISOString(), last.id], filter) : null;
    return { data, meta: { limit, nextCursor } };
  }
}

function placeOf(cursor: string, filter: AuditFilter): AuditPosition {
  const [at = '', id = ''] = positionOf(cursor, filter, positionParts);
  return { at: new Date(at), id };
}
