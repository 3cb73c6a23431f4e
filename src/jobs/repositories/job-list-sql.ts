import { firstIdOf } from '../../database/id-sql.js';
import { isRunning } from '../../database/running-runs-sql.js';
import type { JobFilter, OwnedBy } from '../domain/job.js';
import { jobStatuses } from '../domain/job-status.js';
import type { StoredJobStatus } from '../domain/job-status.js';

const storedStatuses = jobStatuses.filter((status): status is StoredJobStatus => status !== 'running');
const runningJobs = `SELECT r.job_id FROM runs r WHERE ${isRunning}`;

/** By how much the clock of a process that makes ids may differ from the database's, which writes down when a job was created. */
const idsMayBeOffMs = 86_400_000;

/** Statements that ask for the ids of the jobs that match, and their parameters. */
export interface JobSearch {
  values: unknown[];
  /** Selects the ids `id` of `limit` jobs after `offset`, the newest first. */
  page(limit: number, offset: number): string;
  /** Selects as `total` how many there are, counted up to `most`. */
  count(most: number): string;
}

/**
 * The jobs of an owner are indexed by status and id: each status gives its newest in order, and PostgreSQL merges them without
 * a sort. Everybody's are read in the order of the primary key, or of the index of what has stopped.
 *
 * @param userId null for everybody's
 */
export function searchJobs(userId: OwnedBy, filter: JobFilter): JobSearch {
  const { where, values } = conditions(userId, filter);
  const asked = filter.status === 'running' ? 'pending' : filter.status;
  const statuses = asked ? [asked] : storedStatuses;
  const parts = userId === null && !asked ? [where] : statuses.map((status) => [`j.status = '${status}'`, ...where]);
  const selects = parts.map((part) => `SELECT j.id FROM jobs j WHERE ${part.join(' AND ') || 'true'}`);
  const newest = (most: number): string =>
    selects.map((select) => `(${select} ORDER BY j.id DESC LIMIT ${most})`).join(' UNION ALL ');
  return {
    values,
    page: (limit, offset) => `
      SELECT id FROM (${newest(offset + limit)}) AS found
      ORDER BY id DESC LIMIT ${limit} OFFSET ${offset}`,
    count: (most) => `
      SELECT count(*)::integer AS total FROM (SELECT FROM (${newest(most)}) AS found LIMIT ${most}) AS counted`,
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
  // Ids begin with the time of their making: near enough to begin, or to end, the walk through an index that is ordered by them.
  add(filter.fromDate && firstIdOf(filter.fromDate.getTime() - idsMayBeOffMs), (id) => `j.id >= ${id}`);
  add(filter.toDate && firstIdOf(filter.toDate.getTime() + idsMayBeOffMs), (id) => `j.id < ${id}`);
  add(filter.fromDate, (from) => `j.created_at >= ${from}`);
  add(filter.toDate, (to) => `j.created_at <= ${to}`);
  add(
    filter.search?.replace(/[\\%_]/g, '\\$&'),
    (search) => `(j.name ILIKE '%' || ${search} || '%' OR j.description ILIKE '%' || ${search} || '%')`,
  );
  // Which jobs run is asked once, of the few runs that do: not of each job's runs.
  if (filter.status === 'running') where.push(`j.id = ANY (ARRAY (${runningJobs}))`);
  if (filter.status === 'pending') where.push(`j.id NOT IN (${runningJobs})`);
  return { where, values };
}
