import type { JsonObject } from './json.js';

/**
 * A copy as it comes back from a column of PostgreSQL's type `json`, which keeps members in the order they were given in. As
 * everywhere in JavaScript, keys that are whole numbers (`"7"`) stand first, by size.
 */
export const asStored = (value: JsonObject): JsonObject => JSON.parse(JSON.stringify(value)) as JsonObject;
