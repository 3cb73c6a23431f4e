import type { RunFilter } from '../domain/run-filter.js';
import { liveStates, runStates } from '../domain/run-state.js';
import type { RunState } from '../domain/run-state.js';

/** Conditions that tell kinds of runs apart and let PostgreSQL use an index: none is on the state itself, which claims change. */
const kinds: { states: readonly RunState[]; isSo: string }[] = [
  { states: liveStates, isSo: 'r.ended_at IS NULL' },
  { states: ['succeeded'], isSo: `r.attempt_status = 'succeeded'` },
  {
    states: ['failed', 'cancelled', 'skipped', 'missed'],
    isSo: `r.ended_at IS NOT NULL AND r.attempt_status IS DISTINCT FROM 'succeeded'`,
  },
];

/** Statements about the runs of a job that match, and their parameters by name. */
export interface RunSearch {
  parameters: Record<string, unknown>;
  /** Selects the ids of `limit` runs after `offset`, in order. */
  page(limit: number, offset: number): string;
  /** Selects as many rows as there are, up to `most`. */
  first(most: number): string;
}

/** Each kind of run gives its first ones in the order of an index; of these the first are taken. */
export function searchRuns(jobId: string, filter: RunFilter): RunSearch {
  const { where, parameters } = conditions(jobId, filter);
  const states = filter.states ?? statesOf(filter.reasons);
  const selects = partsOf(states).map((part) =>
    ['SELECT r.id, r.nominal_at FROM runs r WHERE r.job_id = :jobId', ...part, ...where].join(' AND '),
  );
  const order = filter.order === 'asc' ? 'ASC' : 'DESC';
  const ordered = (most: number): string =>
    selects
      .map((select) => `(${select} ORDER BY r.nominal_at ${order}, r.id ${order} LIMIT ${most})`)
      .join(' UNION ALL ');
  return {
    parameters: { ...parameters, states },
    page: (limit, offset) => `
      SELECT id FROM (${ordered(offset + limit)}) AS found
      ORDER BY nominal_at ${order}, id ${order} LIMIT ${limit} OFFSET ${offset}`,
    first: (most) =>
      `SELECT FROM (${selects.map((select) => `(${select} LIMIT ${most})`).join(' UNION ALL ')}) AS found LIMIT ${most}`,
  };
}

/** Only what has succeeded is `completed`: the many that have need not be looked through for another reason. */
const statesOf = (reasons: RunFilter['reasons']): RunState[] | undefined =>
  reasons && !reasons.includes('completed') ? runStates.filter((state) => state !== 'succeeded') : undefined;

function partsOf(states: readonly RunState[] | undefined): string[][] {
  if (!states) return [[]];
  return kinds
    .filter((kind) => kind.states.some((state) => states.includes(state)))
    .map(({ isSo }) => [isSo, 'r.state = ANY (:states)']);
}

function conditions(jobId: string, { triggers, reasons, from, to, hasCome }: RunFilter) {
  const given: [name: string, value: unknown, condition: string][] = [
    ['triggers', triggers, 'r.trigger = ANY (:triggers)'],
    ['reasons', reasons, 'r.reason = ANY (:reasons)'],
    ['from', from, 'r.nominal_at >= :from'],
    ['to', to, 'r.nominal_at < :to'],
  ];
  const set = given.filter(([, value]) => value !== undefined);
  const where = set.map(([, , condition]) => condition);
  if (hasCome) where.push(`NOT (r.state = 'scheduled' AND r.due_at > clock_timestamp())`);
  return { where, parameters: { jobId, ...Object.fromEntries(set.map(([name, value]) => [name, value])) } };
}
