import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { exclusively } from '../../../database/advisory-lock.js';
import { newId } from '../../../kernel/ids.js';
import { RunAuditEntity } from '../entities/run-audit.entity.js';
import type { IRunAuditLog, RunAuditRecord } from '../interfaces/run-audit-log.js';

/** Names the advisory lock; any number that nothing else in the database uses. */
export const runAuditLock = 7_263_412;

@Injectable()
export class TypeormRunAuditLog implements IRunAuditLog {
  constructor(private readonly dataSource: DataSource) {}

  async now(): Promise<Date> {
    const [row] = await this.dataSource.query<[{ now: Date }]>('SELECT clock_timestamp() AS now');
    return row.now;
  }

  exclusively(work: (mustBeAlone: () => void) => Promise<void>): Promise<boolean> {
    return exclusively(this.dataSource, runAuditLock, work);
  }

  async last(): Promise<RunAuditRecord | null> {
    const [row] = await this.dataSource.manager.find(RunAuditEntity, { order: { endedAt: 'DESC' }, take: 1 });
    if (!row) return null;
    const { startedAt, endedAt, runs, executions, violations } = row;
    return { startedAt, endedAt, runs, executions, violations };
  }

  async firstRunAt(): Promise<Date | null> {
    const [row] = await this.dataSource.query<{ at: Date }[]>('SELECT created_at AS at FROM runs ORDER BY id LIMIT 1');
    return row?.at ?? null;
  }

  async record(audit: RunAuditRecord): Promise<void> {
    await this.dataSource.manager.insert(RunAuditEntity, { id: newId(), ...audit });
    await this.dataSource.query(`DELETE FROM run_audits WHERE ended_at < clock_timestamp() - interval '1 year'`);
  }
}
