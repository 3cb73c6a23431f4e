import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { exclusively } from '../../../database/advisory-lock.js';
import { newId } from '../../../kernel/ids.js';
import { InvariantCheckEntity } from '../entities/invariant-check.entity.js';
import type { IInvariantCheckLog, InvariantCheckRecord } from '../interfaces/invariant-check-log.js';

/** Names the advisory lock; any number that nothing else in the database uses. */
export const invariantCheckLock = 7_263_412;

@Injectable()
export class TypeormInvariantCheckLog implements IInvariantCheckLog {
  constructor(private readonly dataSource: DataSource) {}

  async now(): Promise<Date> {
    const [row] = await this.dataSource.query<[{ now: Date }]>('SELECT clock_timestamp() AS now');
    return row.now;
  }

  exclusively(work: (mustBeAlone: () => void) => Promise<void>): Promise<boolean> {
    return exclusively(this.dataSource, invariantCheckLock, work);
  }

  async last(): Promise<InvariantCheckRecord | null> {
    const [row] = await this.dataSource.manager.find(InvariantCheckEntity, { order: { endedAt: 'DESC' }, take: 1 });
    if (!row) return null;
    const { startedAt, endedAt, runs, executions, violations } = row;
    return { startedAt, endedAt, runs, executions, violations };
  }

  async firstRunAt(): Promise<Date | null> {
    const [row] = await this.dataSource.query<{ at: Date }[]>('SELECT created_at AS at FROM runs ORDER BY id LIMIT 1');
    return row?.at ?? null;
  }

  async record(audit: InvariantCheckRecord): Promise<void> {
    await this.dataSource.manager.insert(InvariantCheckEntity, { id: newId(), ...audit });
    await this.dataSource.query(`DELETE FROM run_audits WHERE ended_at < clock_timestamp() - interval '1 year'`);
  }
}
