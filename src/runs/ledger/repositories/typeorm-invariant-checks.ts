import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { EntityManager } from 'typeorm';
import { smallestId } from '../../../database/id-sql.js';
import type { Audit, BrokenInvariant, IInvariantChecks } from '../interfaces/invariant-checks.js';
import {
  auditChecks,
  auditStatement,
  byCreation,
  byId,
  nextCreated,
  nextEndedLate,
  sizeStatement,
} from './invariants-sql.js';
import type { CheckScope } from './invariants-sql.js';

/** $1 and $2 of a scope, the grace of expired leases in ms, and the most offenders that are named. */
type Given = [Date | string[], Date | string[], leaseGraceMs: number, limit: number];

const beforeAll = new Date(0).toISOString();

@Injectable()
export class TypeormInvariantChecks implements IInvariantChecks {
  constructor(private readonly dataSource: DataSource) {}

  audit(from: Date, to: Date, leaseGraceMs: number, limit: number): Promise<Audit> {
    return this.inOneSnapshot(async (manager) => {
      await manager.query('SET LOCAL statement_timeout = 0');
      return look(manager, byCreation, [from, to, leaseGraceMs, limit]);
    });
  }

  async *inSlices(from: Date, to: Date, leaseGraceMs: number, limit: number, rows: number): AsyncIterable<Audit> {
    const slice = (runs: string[], jobs: string[]): Promise<Audit> =>
      this.inOneSnapshot((manager) => look(manager, byId, [runs, jobs, leaseGraceMs, limit]));
    for await (const runs of this.walk(nextCreated('runs'), from, to, rows)) yield await slice(runs, []);
    for await (const jobs of this.walk(nextCreated('jobs'), from, to, rows)) yield await slice([], jobs);
    for await (const runs of this.walkLateEnds(from, to, rows)) yield await slice(runs, []);
  }

  private async *walk(sql: string, from: Date, to: Date, rows: number): AsyncIterable<string[]> {
    for (let after = smallestId; ;) {
      const found = await this.dataSource.query<{ id: string }[]>(sql, [from, to, after, rows]);
      const last = found.at(-1);
      if (!last) return;
      yield found.map(({ id }) => id);
      after = last.id;
    }
  }

  private async *walkLateEnds(from: Date, to: Date, rows: number): AsyncIterable<string[]> {
    for (let after = { id: smallestId, endedAt: beforeAll }; ;) {
      const given = [from, to, after.id, rows, after.endedAt];
      const found = await this.dataSource.query<{ id: string; endedAt: string }[]>(nextEndedLate, given);
      const last = found.at(-1);
      if (!last) return;
      yield found.map(({ id }) => id);
      after = last;
    }
  }

  /** What commits meanwhile is in all checks or in none. */
  private inOneSnapshot<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.dataSource.transaction('REPEATABLE READ', async (manager) => {
      await manager.query('SET TRANSACTION READ ONLY');
      return work(manager);
    });
  }
}

async function look(manager: EntityManager, scope: CheckScope, given: Given): Promise<Audit> {
  const [size] = await manager.query<Pick<Audit, 'runs' | 'executions'>[]>(sizeStatement(scope), given.slice(0, 2));
  const findings: BrokenInvariant[] = [];
  for (const { check, invariant, ...rest } of auditChecks) {
    const sql = auditStatement({ check, invariant, ...rest }, scope);
    const [found] = await manager.query<Pick<BrokenInvariant, 'count' | 'offenders'>[]>(sql, given);
    findings.push({ check, invariant, count: 0, offenders: [], ...found });
  }
  return { runs: 0, executions: 0, ...size, findings };
}
