import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { newId } from '../../kernel/ids.js';
import { pageOf } from '../../kernel/page.js';
import type { Page, PageRequest } from '../../kernel/page.js';
import type { LogLine, NewLogLine } from '../domain/log-line.js';
import type { IJobLogger, IJobLogReader } from '../interfaces/job-logger.js';

@Injectable()
export class TypeormJobLogger implements IJobLogger, IJobLogReader {
  constructor(private readonly dataSource: DataSource) {}

  async append(lines: NewLogLine[]): Promise<void> {
    if (lines.length === 0) return;
    const column = <T>(value: (line: NewLogLine) => T): T[] => lines.map(value);
    await this.dataSource.query(
      `INSERT INTO log_lines (id, run_id, job_id, level, status, message, error)
       SELECT id, run_id, job_id, level, status, message, error
       FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[])
         WITH ORDINALITY AS line (id, run_id, job_id, level, status, message, error, position)
       WHERE EXISTS (SELECT FROM runs WHERE runs.id = line.run_id)
       ORDER BY position`,
      [
        column(() => newId()),
        column((line) => line.runId),
        column((line) => line.jobId),
        column((line) => line.level),
        column((line) => line.status),
        column((line) => line.message),
        column((line) => line.error),
      ],
    );
  }

  async read(of: { jobId: string } | { runId: string }, page: PageRequest): Promise<Page<LogLine>> {
    const [column, id] = 'jobId' in of ? ['job_id', of.jobId] : ['run_id', of.runId];
    // The start and the end of an attempt are told by its execution; only handlers' own words are stored as lines.
    const lines = `
      SELECT id::text, run_id, job_id, timestamp, level, status, message, error FROM log_lines WHERE ${column} = $1
      UNION ALL
      SELECT id || '-start', run_id, job_id, started_at, 'info', 'running',
             format('Attempt %s started on %s', attempt_number, worker_id), NULL
      FROM executions WHERE ${column} = $1
      UNION ALL
      SELECT id || '-end', run_id, job_id, completed_at,
             CASE status WHEN 'succeeded' THEN 'info' WHEN 'cancelled' THEN 'warn' WHEN 'released' THEN 'warn' ELSE 'error' END,
             status,
             format('Attempt %s %s after %s ms', attempt_number, replace(status, '_', ' '),
                    round(extract(epoch FROM completed_at - started_at) * 1000)),
             error_message
      FROM executions WHERE ${column} = $1
      UNION ALL
      SELECT id || '-live', id, job_id, attempt_started_at, 'info', 'running',
             format('Attempt %s started on %s', attempts, worker_id), NULL
      FROM runs WHERE ${column === 'run_id' ? 'id' : column} = $1 AND state = 'running'`;
    const [rows, [counted]] = await Promise.all([
      this.dataSource.query<LogLine[]>(
        `SELECT id, run_id AS "runId", job_id AS "jobId", timestamp, level, status, message, error
         FROM (${lines}) AS line
         ORDER BY timestamp, id
         LIMIT $2 OFFSET $3`,
        [id, page.limit, (page.page - 1) * page.limit],
      ),
      this.dataSource.query<[{ total: number }]>(`SELECT count(*)::integer AS total FROM (${lines}) AS line`, [id]),
    ]);
    return pageOf(rows, counted.total, page);
  }
}
