import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';
import { SystemClock } from './clock.js';

const idBytes = 16;
/** Random bytes in stock: a call for a few thousand costs as much as a call for sixteen. */
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
/** Time of the last id in ms, and its sequence number among the ids of that millisecond. */
let lastMs = -Infinity;
let sequence = 0;

/**
 * A new UUID version 7 (RFC 9562): sorts by creation time, so that an index on it grows at one end. The ids of one process sort
 * in the order in which they were made.
 */
export function newId(): string {
  const random = randomBytes();
  const now = clock.now().getTime();
  if (now > lastMs) {
    lastMs = now;
    sequence = new DataView(random.buffer, random.byteOffset).getUint32(6) >>> 1;
  } else {
    sequence = (sequence + 1) >>> 0;
    if (sequence === 0) lastMs += 1;
  }
  return v7({ random, msecs: lastMs, seq: sequence });
}

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether `text` is written like a UUID of any version. */
export const isId = (text: string): boolean => uuidPattern.test(text);
