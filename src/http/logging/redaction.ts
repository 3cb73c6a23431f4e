import { AsyncLocalStorage } from 'node:async_hooks';
import type { JsonValue } from '../../kernel/json.js';

/** Takes out what must not be shown. */
export interface Redaction {
  text(text: string): string;
  json(value: JsonValue): JsonValue;
}

const storage = new AsyncLocalStorage<Redaction>();

/** Runs `work`; what it, and all that it starts, writes to the process's log passes the redaction first. */
export const redactingLogs = <T>(redaction: Redaction, work: () => T): T => storage.run(redaction, work);

/** What the current code's lines must pass; undefined where there is nothing to take out. */
export const currentRedaction = (): Redaction | undefined => storage.getStore();
