import type { MessagePort } from 'node:worker_threads';
import type { ClaimedRun } from '../../../runs/domain/claimed-run.js';
import type { LogLevel } from '../../../runs/domain/log-line.js';
import type { AttemptEnd } from '../../domain/attempt-end.js';

/** One attempt, as a thread is handed it. */
export interface ThreadTask {
  /** URL of the module that exports the handler's class. */
  module: string;
  run: ClaimedRun;
  timeoutMs: number;
  resultLimitBytes: number;
  /** Messages go both ways as long as the attempt lasts; it closes with the attempt or with the thread. */
  port: MessagePort;
}

/** What a thread tells of its attempt, in the order in which it happened. The outcome is the task's answer. */
export type FromThread =
  /** The module is loaded: the handler is called now, and its time counts from here. */
  | { kind: 'begun' }
  | { kind: 'log'; line: string; level: LogLevel | undefined }
  | { kind: 'progress'; percent: number; note: string | undefined };

/** Why the attempt is to stop. */
export type ToThread = AttemptEnd;
