import type { JsonObject, JsonValue } from './json.js';

/** A copy as it comes back from a column of PostgreSQL's type `jsonb`, which keeps members in an order of its own. */
export const asStored = (value: JsonObject): JsonObject => {
  const copy = JSON.parse(JSON.stringify(value)) as JsonObject;
  return ordered(copy) as JsonObject;
};

function ordered(value: JsonValue): JsonValue {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(ordered);
  const members = Object.entries(value).map(([key, inner]): [string, JsonValue] => [key, ordered(inner)]);
  return Object.fromEntries(members.length > 1 ? members.sort(([a], [b]) => compareKeys(a, b)) : members);
}

/** Shorter ones first, then by their bytes in UTF-8. */
const compareKeys = (a: string, b: string): number =>
  Buffer.byteLength(a) - Buffer.byteLength(b) || Buffer.compare(Buffer.from(a), Buffer.from(b));
