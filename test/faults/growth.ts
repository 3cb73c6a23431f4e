import { readFileSync } from 'node:fs';
import type { System } from './system.js';

interface Sample {
  /** Resident memory in MB by process id and name; a process that was started again begins anew. */
  memory: Record<string, number>;
  redisKeys: number;
}

const everyMs = 1_000;
const pageMb = 4_096 / 1_048_576;

/** Samples every process's memory and the number of Redis keys until it is stopped. */
export function watchGrowth(system: System): { stop(): Promise<Sample[]> } {
  const samples: Sample[] = [];
  const look = async (): Promise<void> => {
    const memory = Object.fromEntries(
      system.running().map(({ name, process }) => [`${name} (${process.pid})`, residentMb(process.pid)]),
    );
    const redisKeys = await system.withRedis((redis) => redis.dbsize()).catch(() => NaN);
    samples.push({ memory, redisKeys });
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

const residentMb = (pid: number): number => {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * pageMb;
  } catch {
    return NaN;
  }
};

/** First quarter against last quarter, for each process that lived through both. */
export function soakGrowth(samples: Sample[]): string[] {
  const quarter = Math.max(Math.floor(samples.length / 4), 1);
  const [first, last] = [samples.slice(0, quarter), samples.slice(-quarter)];
  const names = Object.keys(samples.at(-1)?.memory ?? {});
  const lines = names.flatMap((name) => {
    const [before, after] = [first, last].map((part) => mean(part.map(({ memory }) => memory[name] ?? NaN)));
    return before && after ? [`${name} ${before.toFixed(0)} → ${after.toFixed(0)} MB`] : [];
  });
  const keys = [first, last].map((part) => mean(part.map(({ redisKeys }) => redisKeys)).toFixed(0));
  return [...lines, `Redis keys ${keys.join(' → ')}`];
}

function mean(values: number[]): number {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}
