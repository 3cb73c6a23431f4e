import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { newId } from '../../kernel/ids.js';
import { countNeeded, pageOf } from '../../kernel/page.js';
import type { Page, PageRequest } from '../../kernel/page.js';
import type { ListedLogLine, NewLogLine } from '../domain/log-line.js';
import type { IJobLogger, IJobLogReader } from '../interfaces/job-logger.js';
import { linesCount, linesPage, ownerOf } from './list-sql.js';

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

  async read(of: { jobId: string } | { runId: string }, page: PageRequest): Promise<Page<ListedLogLine>> {
    const owner = ownerOf(of);
    const [rows, [counted]] = await Promise.all([
      this.dataSource.query<ListedLogLine[]>(linesPage(owner, page.limit), [
        owner.id,
        page.page * page.limit,
        (page.page - 1) * page.limit,
      ]),
      this.dataSource.query<[{ total: number }]>(linesCount(owner), [owner.id, countNeeded(page)]),
    ]);
    return pageOf(rows, counted.total, page);
  }
}
