import { InjectQueue } from '@nestjs/bull';
import { Injectable } from '@nestjs/common';
import type { Queue } from 'bull';
import { doorbellQueue, runsNamedIn } from './queue.js';
import type { DoorbellData } from './queue.js';

/** Bytes that an id takes in a doorbell's data, with quotes and comma; the list of runs ends with the first bracket. */
const idBytes = 39;

/**
 * Bull keeps the ids of waiting jobs in a list, the next one last, and each job's data as JSON in a hash of its own; a
 * doorbell has nothing else there (no priority, no log, no lock before it is taken). What lost its hash is dropped.
 */
const takeScript = `
  local most = tonumber(ARGV[1])
  local ids = redis.call('LRANGE', KEYS[1], -most, -1)
  local bells, gone, runs = {}, 0, 0
  for at = #ids, 1, -1 do
    local job = KEYS[2] .. ids[at]
    local data = redis.call('HGET', job, 'data')
    if data then
      runs = runs + math.floor((string.find(data, ']', 1, true) or #data) / ${idBytes})
      if runs > most then break end
      bells[#bells + 1] = data
      redis.call('DEL', job)
    end
    gone = gone + 1
  end
  if gone > 0 then redis.call('LTRIM', KEYS[1], 0, -gone - 1) end
  return bells`;

/** The doorbells that wait in Redis for a worker with room. */
@Injectable()
export class WaitingDoorbells {
  constructor(@InjectQueue(doorbellQueue) private readonly queue: Queue<DoorbellData>) {}

  /**
   * Takes those that are next away, for good: one round trip for many, where Bull needs one, and a job's whole course, for each.
   * Whoever takes them and dies leaves their runs to be rung for again.
   *
   * @param most runs that they may name together
   * @returns the runs that they name
   */
  async take(most: number): Promise<ReturnType<typeof runsNamedIn>> {
    const keys = [this.queue.toKey('wait'), this.queue.toKey('')];
    const bells = (await this.queue.client.eval(takeScript, keys.length, ...keys, most)) as string[];
    return bells.flatMap(runsIn);
  }
}

function runsIn(data: string): ReturnType<typeof runsNamedIn> {
  try {
    return runsNamedIn(JSON.parse(data) as Partial<DoorbellData>);
  } catch {
    return []; // none of ours
  }
}
