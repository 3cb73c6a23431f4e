import { firstIdOf } from '../../database/id-sql.js';
import { isRunning } from '../../database/running-runs-sql.js';
import type { JobFilter, OwnedBy } from '../domain/job.js';
import { jobStatuses } from '../domain/job-status.js';
import type { StoredJobStatus } from '../domain/job-status.js';

const storedStatuses = jobStatuses.filter((status): status is StoredJobStatus => status !== 'running');
const runningJobs = `SELECT r.job_id FROM runs r WHERE ${isRunning}`;

/** Maximum difference in ms between a process's clock, which dates an id, and the database's clock, which dates `created_at`. */
const maxIdOffsetMs = 86_400_000;

/** Statements that select the ids of the matching jobs, and their parameters. */
export interface JobSearch {
  values: unknown[];
  /** Selects the ids `id` of `limit` jobs after `offset`, the newest first. */
  page(limit: number, offset: number): string;
  /** Selects the number of matching jobs as `total`, counted up to `max`. */
  count(max: number): string;
}

/**
 * An index has the jobs of an owner by status and id: PostgreSQL reads the newest jobs of each status in order and merges them
 * without a sort. The jobs of all owners are read in the order of the primary key, or of the index `jobs_stopped`.
 *
 * @param userId null for the jobs of all owners
 */
export function searchJobs(userId: OwnedBy, filter: JobFilter): JobSearch {
  const { where, values } = conditions(userId, filter);
  const asked = filter.status === 'running' ? 'pending' : filter.status;
  const statuses = asked ? [asked] : storedStatuses;
  const parts = userId === null && !asked ? [where] : statuses.map((status) => [`j.status = '${status}'`, ...where]);
  const selects = parts.map((part) => `SELECT j.id FROM jobs j WHERE ${part.join(' AND ') || 'true'}`);
  const newest = (max: number): string =>
    selects.map((select) => `(${select} ORDER BY j.id DESC LIMIT ${max})`).join(' UNION ALL ');
  return {
    values,
    page: (limit, offset) => `
      SELECT id FROM (${newest(offset + limit)}) AS found
      ORDER BY id DESC LIMIT ${limit} OFFSET ${offset}`,
    count: (max) => `
      SELECT count(*)::integer AS total FROM (SELECT FROM (${newest(max)}) AS found LIMIT ${max}) AS counted`,
  };
}

function conditions(userId: string | null, filter: JobFilter): { where: string[]; values: unknown[] } {
  const values: unknown[] = [];
  const where: string[] = [];
  const add = (value: unknown, condition: (parameter: string) => string): void => {
    if (value === undefined) return;
    values.push(value);
    where.push(condition(`$${values.length}`));
  };
  add(userId ?? undefined, (owner) => `j.user_id = ${owner}`);
  add(filter.type, (type) => `j.type = ${type}`);
  add(filter.handler, (handler) => `j.handler = ${handler}`);
  // An id begins with the time of its creation. That is exact enough to limit the part of an id index that PostgreSQL reads.
  add(filter.fromDate && firstIdOf(filter.fromDate.getTime() - maxIdOffsetMs), (id) => `j.id >= ${id}`);
  add(filter.toDate && firstIdOf(filter.toDate.getTime() + maxIdOffsetMs), (id) => `j.id < ${id}`);
  add(filter.fromDate, (from) => `j.created_at >= ${from}`);
  add(filter.toDate, (to) => `j.created_at <= ${to}`);
  add(
    filter.search?.replace(/[\\%_]/g, '\\$&'),
    (search) => `(j.name ILIKE '%' || ${search} || '%' OR j.description ILIKE '%' || ${search} || '%')`,
  );
  // The few running runs are read once, instead of the runs of each job.
  if (filter.status === 'running') where.push(`j.id = ANY (ARRAY (${runningJobs}))`);
  if (filter.status === 'pending') where.push(`j.id NOT IN (${runningJobs})`);
  return { where, values };
}
