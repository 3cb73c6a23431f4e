import { AsyncLocalStorage } from 'node:async_hooks';

/** What is known of the request that the current code works for. Features keep what is theirs under symbols of their own. */
export interface RequestContext {
  readonly requestId: string;
  /** Whether the caller has closed the connection: nobody will read an answer. */
  readonly isGone?: () => boolean;
  [own: symbol]: unknown;
}

// One for all: each costs every promise that is made.
const storage = new AsyncLocalStorage<RequestContext>();

/** Runs `work`, and all that it starts, as part of the request with this id. */
export const inRequest = <T>(requestId: string, work: () => T, isGone?: () => boolean): T =>
  storage.run({ requestId, ...(isGone && { isGone }) }, work);

/** Undefined outside of a request. */
export const currentRequest = (): RequestContext | undefined => storage.getStore();

/** Id of the HTTP request that the current code works for; undefined outside of one. */
export const currentRequestId = (): string | undefined => storage.getStore()?.requestId;
