import { v7 } from 'uuid';

/** A new UUID version 7 (RFC 9562): sorts by creation time, so that an index on it grows at one end. */
export const newId = (): string => v7();

const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether `text` is written like a UUID of any version. */
export const isId = (text: string): boolean => uuidPattern.test(text);
