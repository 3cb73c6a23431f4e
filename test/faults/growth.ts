import { readFileSync } from 'node:fs';
import type { System } from './system.js';
import { tabled } from './table.js';

/** What a long run takes up at one moment. A process that was started again is another one. */
export interface Sample {
  /** Resident memory in MB, by process. */
  memory: Record<string, number>;
  /** How late the event loop's timers are, 99th percentile in ms, by process. */
  lagMs: Record<string, number>;
  redisKeys: number;
  redisMb: number;
  /** Size with indexes in MB, by table. */
  tables: Record<string, number>;
}

const pageMb = 4_096 / 1_048_576;
/** Left out at the front: code is compiled, pools and caches fill. */
const warmUpShare = 0.2;
/** What the memory of a process may differ by between two quarters: its collector comes when it comes. */
const allowedShare = 0.15;
const allowedMb = 15;
const allowedKeys = 50;
/** Smaller tables are not shown. */
const shownFromMb = 1;

/** Samples everything until it is stopped. */
export function watchGrowth(system: System, everyMs = 1_000): { stop(): Promise<Sample[]> } {
  const samples: Sample[] = [];
  const look = async (): Promise<void> => {
    samples.push(await sample(system));
  };
  const timer = setInterval(() => void look(), everyMs);
  return {
    stop: async () => {
      clearInterval(timer);
      await look();
      return samples;
    },
  };
}

async function sample(system: System): Promise<Sample> {
  const members = system.running();
  const of = async (read: (member: (typeof members)[number]) => Promise<number> | number) =>
    Object.fromEntries(
      await Promise.all(
        members.map(async (member) => [`${member.name} (${member.process.pid})`, await read(member)] as const),
      ),
    );
  const [memory, lagMs, redis, tables] = await Promise.all([
    of(({ process }) => residentMb(process.pid)),
    of(({ process }) => lag(process.url)),
    redisUse(system),
    tableSizes(system),
  ]);
  return { memory, lagMs, ...redis, tables };
}

const residentMb = (pid: number): number => {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * pageMb;
  } catch {
    return NaN;
  }
};

/** As the process itself says on `/metrics`. */
async function lag(url: string): Promise<number> {
  try {
    const text = await (await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(2_000) })).text();
    return Number(/^nodejs_eventloop_lag_p99_seconds (\S+)$/m.exec(text)?.[1]) * 1_000;
  } catch {
    return NaN;
  }
}

async function redisUse(system: System): Promise<Pick<Sample, 'redisKeys' | 'redisMb'>> {
  try {
    const [redisKeys, info] = await system.withRedis((redis) => Promise.all([redis.dbsize(), redis.info('memory')]));
    return { redisKeys, redisMb: Number(/used_memory:(\d+)/.exec(info)?.[1]) / 1_048_576 };
  } catch {
    return { redisKeys: NaN, redisMb: NaN };
  }
}

async function tableSizes(system: System): Promise<Record<string, number>> {
  const rows = await system
    .query<{ name: string; mb: number }>(
      `SELECT relname AS name, pg_total_relation_size(relid)::float8 / 1048576 AS mb FROM pg_stat_user_tables`,
    )
    .catch(() => []);
  return Object.fromEntries(rows.map(({ name, mb }) => [name, mb]));
}

interface Series {
  name: string;
  values: number[];
  unit: string;
  /** What the last quarter may have above the first; null: it grows by its nature, or is only shown. */
  allowed: ((first: number) => number) | null;
}

/** First quarter after the warm-up against last quarter. Pure. */
export function judgeGrowth(samples: Sample[]): { table: string; findings: string[] } {
  const warm = samples.slice(Math.floor(samples.length * warmUpShare));
  const judged = seriesOf(warm).flatMap((series) => {
    const known = series.values.filter((value) => !Number.isNaN(value));
    const quarter = Math.max(Math.floor(known.length / 4), 1);
    // A process that did not live through most of it says nothing about growth.
    if (known.length < warm.length / 2) return [];
    const [first, last] = [mean(known.slice(0, quarter)), mean(known.slice(-quarter))];
    const grown = series.allowed !== null && last - first > series.allowed(first);
    return [{ ...series, known, first, last, grown }];
  });
  const shown = judged.map(({ name, unit, known, first, last, grown, allowed }) => [
    ...[name, ...[first, last, Math.max(...known)].map((value) => `${value.toFixed(1)} ${unit}`.trim())],
    ...[allowed ? (grown ? '**grows**' : 'flat') : '', sparkline(known)],
  ]);
  return {
    table: tabled(['', 'first quarter', 'last quarter', 'most', 'verdict', 'over time'], shown),
    findings: judged
      .filter(({ grown }) => grown)
      .map(({ name, unit, first, last }) => `${name} grows: ${first.toFixed(1)} → ${last.toFixed(1)} ${unit}`),
  };
}

function seriesOf(samples: Sample[]): Series[] {
  const last = samples.at(-1);
  const by = (pick: (sample: Sample) => Record<string, number>) => Object.keys(last ? pick(last) : {}).sort();
  const memory = (first: number): number => first * allowedShare + allowedMb;
  return [
    ...by((sample) => sample.memory).map((name) => ({
      ...{ name, unit: 'MB', allowed: memory },
      values: samples.map((one) => one.memory[name] ?? NaN),
    })),
    ...by((sample) => sample.lagMs).map((name) => ({
      ...{ name: `${name}, event loop late`, unit: 'ms', allowed: null },
      values: samples.map(({ lagMs }) => lagMs[name] ?? NaN),
    })),
    {
      ...{ name: 'Redis, keys', unit: '', values: samples.map(({ redisKeys }) => redisKeys) },
      allowed: (first) => first * allowedShare + allowedKeys,
    },
    { name: 'Redis, memory', unit: 'MB', values: samples.map(({ redisMb }) => redisMb), allowed: memory },
    ...by((sample) => sample.tables)
      .filter((name) => (last?.tables[name] ?? 0) >= shownFromMb)
      .map((name) => ({
        ...{ name: `table ${name}`, unit: 'MB', allowed: null },
        values: samples.map(({ tables }) => tables[name] ?? NaN),
      })),
  ];
}

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const bars = '▁▂▃▄▅▆▇█';
const width = 40;

/** The course of a value in at most 40 characters, from zero to its most. */
export function sparkline(values: number[]): string {
  const step = Math.max(values.length / width, 1);
  const points = Array.from({ length: Math.min(values.length, width) }, (_, index) =>
    mean(
      values.slice(Math.floor(index * step), Math.max(Math.floor((index + 1) * step), Math.floor(index * step) + 1)),
    ),
  );
  const most = Math.max(...points);
  return points.map((point) => bars[most > 0 ? Math.round((point / most) * (bars.length - 1)) : 0]).join('');
}
