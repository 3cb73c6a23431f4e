import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';
import { SystemClock } from './clock.js';

const idBytes = 16;
/** A call for random bytes costs as much for a few thousand as for sixteen. */
const pool = new Uint8Array(256 * idBytes);
let used = pool.length;

function randomBytes(): Uint8Array {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  return pool.subarray(used, (used += idBytes));
}

const clock = new SystemClock();
/** The last id's time in ms, and its place among those of one time. */
let [lastMs, place] = [-Infinity, 0];

/**
 * A new UUID version 7 (RFC 9562): sorts by creation time, so that an index on it grows at one end. The ids of one process sort
 * in the order in which they were made.
 */
export function newId(): string {
  const random = randomBytes();
  const now = clock.now().getTime();
  if (now > lastMs) {
    lastMs = now;
    place = new DataView(random.buffer, random.byteOffset).getUint32(6) >>> 1;
  } else {
    place = (place + 1) >>> 0;
    if (place === 0) lastMs += 1;
  }
  return v7({ random, msecs: lastMs, seq: place });
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether `text` is written like a UUID of any version. */
export const isId = (text: string): boolean => uuidPattern.test(text);
