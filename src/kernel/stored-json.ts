import type { JsonObject } from './json.js';

/**
 * A copy of a value as PostgreSQL returns it from a column of type `json`, which keeps the order of members. As everywhere in
 * JavaScript, keys that are whole numbers (`"7"`) come first, by size.
 */
export const asStored = (value: JsonObject): JsonObject => JSON.parse(JSON.stringify(value)) as JsonObject;
