import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Audit, AuditFinding, IRunAudits } from '../interfaces/run-audits.js';
import { auditChecks, auditStatement } from './audit-sql.js';

@Injectable()
export class TypeormRunAudits implements IRunAudits {
  constructor(private readonly dataSource: DataSource) {}

  /** One snapshot for all checks: what commits meanwhile is in all of them or in none. */
  audit(from: Date, to: Date, leaseGraceMs: number, limit: number): Promise<Audit> {
    return this.dataSource.transaction('REPEATABLE READ', async (manager) => {
      await manager.query('SET TRANSACTION READ ONLY');
      await manager.query('SET LOCAL statement_timeout = 0');
      const [size] = await manager.query<Pick<Audit, 'runs' | 'executions'>[]>(
        `SELECT count(DISTINCT r.id)::integer AS runs, count(e.id)::integer AS executions
         FROM runs r LEFT JOIN executions e ON e.run_id = r.id WHERE r.created_at >= $1 AND r.created_at < $2`,
        [from, to],
      );
      const findings: AuditFinding[] = [];
      for (const check of auditChecks) {
        const [found] = await manager.query<Pick<AuditFinding, 'count' | 'offenders'>[]>(auditStatement(check), [
          from,
          to,
          leaseGraceMs,
          limit,
        ]);
        findings.push({ check: check.check, invariant: check.invariant, count: 0, offenders: [], ...found });
      }
      return { runs: 0, executions: 0, ...size, findings };
    });
  }
}
