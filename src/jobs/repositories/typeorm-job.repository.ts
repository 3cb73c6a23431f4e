import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { EntityManager } from 'typeorm';
import type { ObjectLiteral } from 'typeorm';
import { jsonRows } from '../../database/statements/json-rows.js';
import { plainArray } from '../../database/statements/plain-array.js';
import { PreparedStatement } from '../../database/statements/prepared-statement.js';
import { SharedStatement } from '../../database/statements/shared-statement.js';
import { entityManagerOf, queryIn } from '../../database/typeorm-transaction-runner.js';
import { countNeeded, pageOf } from '../../kernel/page.js';
import type { Page, PageRequest } from '../../kernel/page.js';
import type { Transaction } from '../../kernel/transaction.js';
import type { Job, JobFilter, JobView, ListedJob, OwnedBy } from '../domain/job.js';
import { JobEntity } from '../entities/job.entity.js';
import { JobVersionEntity } from '../entities/job-version.entity.js';
import type { IJobRepository, ScheduleVersion } from '../interfaces/job-repository.js';
import { searchJobs } from './job-list-sql.js';
import { listedOf, rowOf, viewOf } from './job-rows.js';
import type { ListedRow, ViewRow } from './job-rows.js';
import { jobColumns, listedColumns, viewColumns } from './job-sql.js';

/** Prepared, because each submission runs it. */
const readClock = new PreparedStatement<{ now: Date }>('read_clock', 'SELECT clock_timestamp() AS now');
/** Inserts the jobs $1 and $2. Their distinct owners, $3, cannot be deleted or disabled until the transaction commits. */
const insert = new SharedStatement('insert_jobs', {
  write: `INSERT INTO jobs
          SELECT * FROM json_populate_recordset(json_populate_record(NULL::jobs, $1::json), $2::json)`,
  answer: `SELECT refuse_jobs_without_owner() AS owned
           FROM (SELECT FROM users WHERE id = ANY ($3::uuid[]) AND is_active FOR KEY SHARE) AS owner
           HAVING count(*) < cardinality($3::uuid[])`,
});

/** Whether a job `j` belongs to user $2; true for every job when $2 is null. */
const isOwned = `($2::uuid IS NULL OR j.user_id = $2)`;

@Injectable()
export class TypeormJobRepository implements IJobRepository {
  constructor(private readonly dataSource: DataSource) {}

  async now(tx: Transaction | null): Promise<Date> {
    const [row] = await (tx ? readClock.queryIn(entityManagerOf(tx), []) : readClock.query(this.dataSource, []));
    return row!.now;
  }

  async insert(tx: Transaction, jobs: Job[]): Promise<void> {
    const owners = new Set(jobs.map(({ userId }) => userId));
    const { common, rows } = jsonRows(jobs.map(rowOf));
    await queryIn(tx, insert, [common, rows, plainArray([...owners])]);
  }

  async find(id: string, userId: OwnedBy, tx?: Transaction): Promise<JobView | null> {
    const [job] = await this.query([id], userId, tx && entityManagerOf(tx));
    return job ?? null;
  }

  findMany(ids: string[], userId: string): Promise<JobView[]> {
    return this.query(ids, userId);
  }

  private async query(
    ids: string[],
    userId: OwnedBy,
    on: Pick<EntityManager, 'query'> = this.dataSource,
  ): Promise<JobView[]> {
    const rows = await on.query<ViewRow[]>(
      `SELECT ${jobColumns}, ${viewColumns} FROM jobs j WHERE j.id = ANY ($1::uuid[]) AND ${isOwned}`,
      [ids, userId],
    );
    return rows.map((row) => viewOf(row));
  }

  async list(userId: OwnedBy, filter: JobFilter, page: PageRequest): Promise<Page<ListedJob>> {
    const search = searchJobs(userId, filter);
    const [rows, [counted]] = await Promise.all([
      // The columns from the runs are read for the rows of the page only, not for the rows before it.
      this.dataSource.query<ListedRow[]>(
        `SELECT ${listedColumns(page.limit)}
         FROM (${search.page(page.limit, (page.page - 1) * page.limit)}) AS page JOIN jobs j ON j.id = page.id
         ORDER BY j.id DESC`,
        search.values,
      ),
      this.dataSource.query<[{ total: number }]>(search.count(countNeeded(page)), search.values),
    ]);
    return pageOf(rows.map(listedOf), counted.total, page);
  }

  async lock(tx: Transaction, id: string, userId: OwnedBy): Promise<Job | null> {
    const [job] = await entityManagerOf(tx).query<Job[]>(
      `SELECT ${jobColumns} FROM jobs j WHERE j.id = $1 AND ${isOwned} FOR NO KEY UPDATE`,
      [id, userId],
    );
    return job ?? null;
  }

  async update(tx: Transaction, job: Job, replaced?: Job): Promise<void> {
    const manager = entityManagerOf(tx);
    const { id, createdAt: _createdAt, ...changeable } = job;
    // The payload's recursive JSON type is too deep for TypeORM's partial type.
    await manager.getRepository<ObjectLiteral>(JobEntity).update({ id }, changeable);
    if (replaced?.schedule && replaced.version !== job.version)
      await manager.getRepository<ObjectLiteral>(JobVersionEntity).insert({
        jobId: id,
        version: replaced.version,
        schedule: replaced.schedule,
        validFrom: replaced.versionSince,
        validTo: earlier(replaced.activeUntil, job.versionSince),
      });
  }

  async delete(tx: Transaction, id: string): Promise<void> {
    const manager = entityManagerOf(tx);
    await manager.delete(JobVersionEntity, { jobId: id });
    await manager.delete(JobEntity, { id });
  }

  versions(id: string): Promise<ScheduleVersion[]> {
    return this.dataSource.query<ScheduleVersion[]>(
      `SELECT version, schedule, valid_from AS "validFrom", valid_to AS "validTo" FROM job_versions WHERE job_id = $1
       UNION ALL
       SELECT version, schedule, version_since, active_until FROM jobs WHERE id = $1 AND schedule IS NOT NULL
       ORDER BY version`,
      [id],
    );
  }
}

const earlier = (one: Date | null, other: Date): Date => (one && one < other ? one : other);
